using PresenceTracker.Owners;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Tests.Actors;

/// <summary>Messages that no correct core sends, and that therefore break an invariant of whoever handles them.</summary>
internal static class Crash
{
    /// <summary>A delivery of nothing.</summary>
    public static object Delivery => new GossipEffect.DeliverDots(null!, null!, 0);

    /// <summary>A track that nobody has checked: a presence in no topic.</summary>
    public static PresenceTracker.Actors.ShardCommand.Track Command(TaskCompletionSource<TrackResult> completion) => new(
        new PresenceId(null!, "key", "connection:c"), Owner.Connection("c"), Meta.Empty, TimeSpan.Zero, OrUpdate: false, completion);

    public static TaskCompletionSource<TrackResult> NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
