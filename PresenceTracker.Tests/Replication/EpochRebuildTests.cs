using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;
using static PresenceTracker.Tests.Replication.CoreDriver;

namespace PresenceTracker.Tests.Replication;

/// <summary>What waits while a shard begins an epoch after a crash.</summary>
public sealed class EpochRebuildTests
{
    private static readonly ReplicationOptions Options = new() { WaitingOperationsMax = 4, WaitingOperationsPerTurn = 2 };

    [Fact]
    public void What_has_waited_is_carried_out_in_its_order_a_slice_in_each_turn()
    {
        var core = new CoreDriver(epoch: 1, options: Options);
        core.Write(Track("alice"));
        core.Write(Track("bob"), Track("carol"));
        core.Give(Disconnect(10, "alice"));
        core.Write(Track("dave"));

        var first = Complete(core);
        Assert.Equal([1UL, 2UL], Tokens(first));
        Assert.Empty(core.Track("erin").OfType<ReplicationEffect.Written>());

        // Each slice asks for the next.
        var rest = core.Advance(TimeSpan.Zero);
        Assert.Equal([10UL, 3UL, 4UL], Tokens(rest));
        Assert.Equal(["alice"], rest.OfType<ReplicationEffect.Publish>().SelectMany(publish => publish.Turn.Diffs).SelectMany(diff => diff.KeysLeft));
        Assert.Single(rest.OfType<ReplicationEffect.ScheduleTimer>(), schedule => schedule.Timer is ReplicationTimer.WaitingDue);
        Assert.Equal([5UL], Tokens(core.Track("frank")));
    }

    [Fact]
    public void What_is_beyond_what_may_wait_is_refused_and_the_end_of_an_owner_is_not()
    {
        var core = new CoreDriver(epoch: 1, options: Options);
        Assert.Empty(core.Write(Track("alice"), Track("bob"), Track("carol")));

        Assert.Equal([new ReplicationEffect.WriteRefused(2)], core.Write(Track("dave"), Track("erin")));
        Assert.Empty(core.Write(Track("dave")));
        Assert.Equal([new ReplicationEffect.WriteRefused(4)], core.Write(Track("erin")));
        Assert.Empty(core.Give(Disconnect(10, "alice")));

        Assert.Equal([1UL], Tokens(Complete(core)));
        Assert.Empty(core.Write(Track("erin")));
        Assert.Equal([3UL, 10UL, 5UL], Tokens(core.Advance(TimeSpan.Zero)));
    }

    private static WriteOperation Track(string key) => new WriteOperation.Track(Id(key), $"ref of {key}", Meta.Empty, TimeSpan.Zero, OrUpdate: false);

    private static ReplicationInput Disconnect(ulong token, string key) =>
        new ReplicationInput.Write(token, [new WriteOperation.Disconnect(Id(key))], MayBeRefused: false);

    private static List<ReplicationEffect> Complete(CoreDriver core)
    {
        core.Give(new ReplicationInput.Introduced());
        return core.Give(new ReplicationInput.Replayed(Epoch: 1, [], [], IsLast: true));
    }

    private static IEnumerable<ulong> Tokens(IEnumerable<ReplicationEffect> effects) =>
        effects.OfType<ReplicationEffect.Written>().Select(written => written.Token);
}
