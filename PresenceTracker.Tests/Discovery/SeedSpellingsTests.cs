using System.Net;
using PresenceTracker.Discovery;
using Xunit;

namespace PresenceTracker.Tests.Discovery;

public sealed class SeedSpellingsTests
{
    private const string Named = "chat.example:4053";
    private const string Numbered = "10.0.0.4:4053";

    private readonly SeedSpellings _seeds = new([Named, Numbered]);

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
    public void A_seed_that_answers_nowhere_keeps_all_its_spellings()
    {
        _seeds.Resolved(Named, [IPAddress.Parse("10.0.0.7")]);

        Assert.False(_seeds.Unanswered(_seeds.All));

        Assert.Equal(3, _seeds.All.Length);
        Assert.Equal([Numbered, Named], _seeds.Silent);
    }
}
