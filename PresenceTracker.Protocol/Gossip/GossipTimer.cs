using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>The timers of the gossip core. Each carries a token, so that one that is no longer wanted is recognised.</summary>
public abstract record GossipTimer(ulong Token)
{
    /// <summary>The next digest round.</summary>
    public sealed record Round(ulong Token) : GossipTimer(Token);

    /// <summary>Once a <see cref="GossipOptions.BeatInterval"/>: roots to blocked peers, and the one root of an idle node.</summary>
    public sealed record Beat(ulong Token) : GossipTimer(Token);

    /// <summary>Pushes of that peer have been handled and must be acknowledged now.</summary>
    public sealed record AckDue(NodeId Peer, ulong Token) : GossipTimer(Token);

    /// <summary>The peer differs from us and has not sent its contexts.</summary>
    public sealed record DigestOverdue(NodeId Peer, ulong Token) : GossipTimer(Token);

    /// <summary>The pull of that replica has seen no progress.</summary>
    public sealed record PullOverdue(ReplicaId Replica, ulong Token) : GossipTimer(Token);

    /// <summary>A wait of the synced rule is over.</summary>
    public sealed record SyncDue(ulong Token) : GossipTimer(Token);
}
