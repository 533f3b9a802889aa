using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Leases;

/// <summary>Which ends of leases are remembered, and for how long.</summary>
public sealed class EndedLeasesTests
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(20);

    private readonly EndedLeases _ended = new(max: 3, KeptFor);

    [Fact]
    public void The_latest_end_of_a_lease_counts_also_when_the_earlier_one_is_forgotten()
    {
        Assert.False(End("alice", 1));
        Assert.False(End("alice", 2));
        Assert.False(End("bob", 3));
        Assert.False(End("carol", 4));

        Assert.Equal([At(2), At(3), At(4), null], Ends("alice", "bob", "carol", "dave"));
        Assert.Equal(["alice", "bob", "carol"], _ended.Ids(At(4)).Select(id => id.Key));
    }

    [Fact]
    public void The_oldest_is_forgotten_for_a_new_one_too_many()
    {
        End("alice", 1);
        End("bob", 2);
        End("carol", 3);
        Assert.True(End("dave", 4));

        Assert.Equal([null, At(2), At(3), At(4)], Ends("alice", "bob", "carol", "dave"));
        Assert.Equal(3, _ended.Ids(At(4)).Count());
    }

    [Fact]
    public void What_is_over_its_time_is_no_loss()
    {
        End("alice", 1);
        End("bob", 2);
        End("carol", 3);

        Assert.False(End("dave", 2 + KeptFor.TotalSeconds));
        Assert.Equal([null, null, At(3)], Ends("alice", "bob", "carol"));
    }

    [Fact]
    public void What_is_over_its_time_is_forgotten_though_nothing_else_ends()
    {
        End("alice", 1);
        Assert.Equal(At(1), EndOf("alice", KeptFor.TotalSeconds));
        Assert.Null(EndOf("alice", 1 + KeptFor.TotalSeconds));

        End("bob", 2 + KeptFor.TotalSeconds);
        Assert.Empty(_ended.Ids(At(2 + (2 * KeptFor.TotalSeconds))));
        Assert.True(_ended.IsEmpty);
    }

    [Fact]
    public void A_lease_that_lives_again_has_no_end_but_a_later_one()
    {
        End("alice", 1);
        End("alice", 2);

        Assert.False(_ended.Forget(new LeaseEnd(Id("alice"), At(1))));
        Assert.Equal(At(2), EndOf("alice"));
        Assert.True(_ended.Forget(new LeaseEnd(Id("alice"), At(2))));
        Assert.Null(EndOf("alice"));
        Assert.True(_ended.IsEmpty);
    }

    private static MonotonicTime At(double seconds) => new(TimeSpan.FromSeconds(seconds).Ticks);

    private static PresenceId Id(string key) => new("room:1", key, "lease:http");

    private bool End(string key, double seconds) => _ended.Add(new LeaseEnd(Id(key), At(seconds)));

    private MonotonicTime? EndOf(string key, double seconds = 4) => _ended.EndOf(Id(key), At(seconds))?.At;

    private List<MonotonicTime?> Ends(params string[] keys) => [.. keys.Select(key => EndOf(key))];
}
