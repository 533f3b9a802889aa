namespace PresenceTracker.Simulator.Nodes;

/// <summary>The actors of a node, as its mailboxes number them; shard 0 is the first of the shards.</summary>
internal enum ActorName
{
    /// <summary>Whoever calls the tracker from outside of its actors.</summary>
    Caller,
    Supervisor,
    Monitor,
    Leases,
    Heartbeat,
    OwnerWatch,
    Publisher,
    Overlay,
    Shard0,
}
