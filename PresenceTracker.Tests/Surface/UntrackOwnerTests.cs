using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Diagnostics;
using Xunit;

namespace PresenceTracker.Tests.Surface;

/// <summary>What is untracked with its owner ends on this node, and on no other.</summary>
[Collection(SingleNodeCollection.Name)]
public sealed class UntrackOwnerTests(SingleNode node)
{
    private const int EndsRememberedMax = 1_024;
    private const string Forgotten = "presence.leases.ends.forgotten";

    private readonly Tracker _tracker = node.Tracker;
    private readonly string _topic = node.NewTopic();

    /// <summary>
    /// An end that a shard remembers is repeated to every other holder of the lease. That it remembers any shows by those that are too many.
    /// </summary>
    [Fact]
    public async Task A_lease_of_the_same_name_on_another_node_is_not_ended_later()
    {
        using var probe = new MeterProbe(_tracker.Self.Address);
        var owner = Owner.Lease(TimeSpan.FromHours(1), "all of mine");
        var keys = Enumerable.Range(0, EndsRememberedMax + 1).Select(number => $"{number}").ToList();
        await _tracker.TrackManyAsync([.. keys.Select(key => new TrackRequest(_topic, key, owner, Meta.Empty))]);

        Assert.Equal(keys.Count, await _tracker.UntrackAsync(owner));
        Assert.Equal(0, probe.Read(Forgotten));

        await _tracker.UntrackManyAsync([.. keys.Select(key => (_topic, key, owner))]);
        Assert.NotEqual(0, probe.Read(Forgotten));
    }
}
