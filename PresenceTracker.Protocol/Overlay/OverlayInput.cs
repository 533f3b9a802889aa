using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>All that can happen to the overlay core. Closed.</summary>
public abstract record OverlayInput
{
    private OverlayInput()
    {
    }

    /// <summary>The node takes part from now on. Before that, and after <see cref="Left"/>, it refuses everybody.</summary>
    public sealed record Started : OverlayInput;

    /// <summary>
    /// Ask that node to be let in: the answer to <see cref="OverlayEffect.ContactWanted"/>, and the way to join two overlays that have learnt of
    /// each other.
    /// </summary>
    public sealed record JoinVia(NodeId Contact) : OverlayInput;

    /// <summary>
    /// The node is down, removed or superseded, its connection broke or cannot be opened, or it reads too slowly: a slow neighbour holds
    /// up all that goes through it, so that the paper has it treated as failed.
    /// </summary>
    public sealed record PeerLost(NodeId Peer) : OverlayInput;

    /// <summary>The node takes its leave of its neighbours. It may be started again.</summary>
    public sealed record Left : OverlayInput;

    /// <summary>A message from another node.</summary>
    public sealed record MessageReceived(NodeId From, OverlayMessage Message) : OverlayInput;

    /// <summary>A timer of <see cref="OverlayEffect.ScheduleTimer"/> is due.</summary>
    public sealed record TimerFired(OverlayTimer Timer) : OverlayInput;
}
