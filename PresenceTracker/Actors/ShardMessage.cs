using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Actors;

/// <summary>What a shard says to itself and to the supervisor.</summary>
internal abstract record ShardMessage
{
    private ShardMessage()
    {
    }

    /// <summary>To the supervisor: the shard begins an epoch after a crash, and knows nobody yet.</summary>
    public sealed record Restarted : ShardMessage;

    /// <summary>From the supervisor: the shard has been told of every node that is up.</summary>
    public sealed record Introduced : ShardMessage;

    /// <summary>To the supervisor: an epoch above 0 has all local presences again and may be announced.</summary>
    public sealed record EpochCompleted(ShardEpoch Epoch) : ShardMessage;

    /// <summary>The flush window is over.</summary>
    public sealed record FlushDue : ShardMessage;

    /// <summary>A walk has another slice to do.</summary>
    public sealed record WalkDue : ShardMessage;

    /// <summary>The leave grace of a held presence may be over.</summary>
    public sealed record HoldDue : ShardMessage;

    /// <summary>A node that returned has had its time to catch up.</summary>
    public sealed record ShowDue(NodeId Node) : ShardMessage;

    /// <summary>A new epoch has had its time to catch up with what readers saw before the crash.</summary>
    public sealed record RebuildDue : ShardMessage;
}
