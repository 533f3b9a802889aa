using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>What shards and callers tell the owner watch.</summary>
internal abstract record OwnerMessage
{
    /// <param name="Renewal">As <see cref="WriteResult.Renewal"/>.</param>
    public sealed record Tracked(SimulatedOwner Owner, Presence Presence, ulong Renewal) : OwnerMessage;

    public sealed record Updated(Presence Presence) : OwnerMessage;

    public sealed record Untracked(PresenceId Id) : OwnerMessage;

    public sealed record ReplayRequested(int Shard, int Epoch) : OwnerMessage;

    public sealed record ConnectionLost(SimulatedOwner Owner) : OwnerMessage;

    public sealed record ActorStopped(SimulatedOwner Owner) : OwnerMessage;

    public sealed record LeaseDue(PresenceId Id, ulong Deadline) : OwnerMessage;
}
