using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>All that can happen to the broadcast core. Closed.</summary>
public abstract record BroadcastInput
{
    private BroadcastInput()
    {
    }

    /// <summary>The overlay has a new neighbour.</summary>
    public sealed record NeighborUp(NodeId Peer) : BroadcastInput;

    /// <summary>The overlay has lost a neighbour.</summary>
    public sealed record NeighborDown(NodeId Peer) : BroadcastInput;

    /// <summary>Send this to every node. It is not delivered here.</summary>
    public sealed record Publish(ImmutableArray<byte> Payload) : BroadcastInput;

    /// <summary>A message from another node.</summary>
    public sealed record MessageReceived(NodeId From, BroadcastMessage Message) : BroadcastInput;

    /// <summary>A timer of <see cref="BroadcastEffect.ScheduleTimer"/> is due.</summary>
    public sealed record TimerFired(BroadcastTimer Timer) : BroadcastInput;
}
