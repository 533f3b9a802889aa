using System.Collections.Immutable;
using System.Net;
using PresenceTracker.Discovery;
using Xunit;

namespace PresenceTracker.Tests.Discovery;

public sealed class SeedSpellingsTests
{
    private const string Named = "chat.example:4053";
    private const string Numbered = "10.0.0.4:4053";

    private readonly SeedSpellings _seeds = new([Named, Numbered], countMax: 100);

    [Fact]
    public void A_host_name_is_greeted_under_the_addresses_that_it_resolves_to_as_well()
    {
        Assert.Equal([(Named, "chat.example")], _seeds.HostNames);

        Assert.True(_seeds.Resolved(Named, [IPAddress.Parse("10.0.0.7"), IPAddress.IPv6Loopback]));

        Assert.Equal([Numbered, Named, "10.0.0.7:4053", "[::1]:4053"], _seeds.All.AsEnumerable());
        Assert.False(_seeds.Resolved(Named, [IPAddress.Parse("10.0.0.7")]));
    }

    [Fact]
    public void Once_a_spelling_has_answered_the_others_are_given_up()
    {
        _seeds.Resolved(Named, [IPAddress.Parse("10.0.0.7")]);

        Assert.True(_seeds.Unanswered([Named, Numbered]));

        Assert.Equal([Numbered, "10.0.0.7:4053"], _seeds.All.AsEnumerable());
        Assert.Equal([Numbered], _seeds.Silent);
        Assert.False(_seeds.Resolved(Named, [IPAddress.Parse("10.0.0.8")]));
    }

    [Fact]
    public void No_more_is_greeted_than_there_is_room_for_and_each_seed_comes_before_its_other_spellings()
    {
        var named = Enumerable.Range(0, 10).Select(i => $"host-{i}.example:4053").ToImmutableArray();
        var seeds = new SeedSpellings(named, countMax: 12);
        foreach (var seed in named)
        {
            seeds.Resolved(seed, Enumerable.Range(0, 8).Select(i => IPAddress.Parse($"10.0.{seed[5]}.{i}")));
        }

        Assert.Equal([.. named, "10.0.0.0:4053", "10.0.0.1:4053"], seeds.All.AsEnumerable());

        // What was not greeted has not answered.
        Assert.True(seeds.Unanswered(seeds.All.Remove("10.0.0.1:4053")));
        Assert.Equal(named[1..], seeds.Silent);
        Assert.Equal(["10.0.0.1:4053", .. named[1..], "10.0.1.0:4053", "10.0.1.1:4053"], seeds.All.AsEnumerable());
    }

    [Fact]
    public void An_address_that_no_node_can_advertise_is_not_greeted()
    {
        Assert.False(_seeds.Resolved(Named, [IPAddress.Parse("fe80::1%2")]));

        Assert.Equal([Numbered, Named], _seeds.All.AsEnumerable());
    }

    [Fact]
    public void A_seed_that_answers_nowhere_keeps_all_its_spellings()
    {
        _seeds.Resolved(Named, [IPAddress.Parse("10.0.0.7")]);

        Assert.False(_seeds.Unanswered(_seeds.All));

        Assert.Equal(3, _seeds.All.Length);
        Assert.Equal([Numbered, Named], _seeds.Silent);
    }
}
