using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Replication;

/// <summary>The timers of the replication core. Each carries a token, so that one that is no longer wanted is recognised.</summary>
public abstract record ReplicationTimer(ulong Token)
{
    /// <summary>The flush window is over.</summary>
    public sealed record FlushDue(ulong Token) : ReplicationTimer(Token);

    /// <summary>A walk has another slice to do.</summary>
    public sealed record WalkDue(ulong Token) : ReplicationTimer(Token);

    /// <summary>The leave grace of a held presence is over.</summary>
    public sealed record HoldDue(ulong Token) : ReplicationTimer(Token);

    /// <summary>A node that returned has had its time to catch up.</summary>
    public sealed record ShowDue(NodeId Node, ulong Token) : ReplicationTimer(Token);

    /// <summary>Another slice of the writes that have waited for the epoch is to be carried out.</summary>
    public sealed record WaitingDue(ulong Token) : ReplicationTimer(Token);

    /// <summary>A new epoch has had its time to catch up with what readers saw before the crash.</summary>
    public sealed record RebuildDue(ulong Token) : ReplicationTimer(Token);
}
