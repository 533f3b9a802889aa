using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>What shards and callers tell the owner watch.</summary>
internal abstract record OwnerMessage
{
    public sealed record Tracked(SimulatedOwner Owner, Presence Presence) : OwnerMessage;

    public sealed record Updated(Presence Presence) : OwnerMessage;

    public sealed record Untracked(PresenceId Id) : OwnerMessage;

    public sealed record ReplayRequested(int Shard, int Epoch) : OwnerMessage;

    public sealed record ConnectionLost(SimulatedOwner Owner) : OwnerMessage;

    public sealed record ActorStopped(SimulatedOwner Owner) : OwnerMessage;

    public sealed record LeaseDue(PresenceId Id, ulong Renewal) : OwnerMessage;
}
