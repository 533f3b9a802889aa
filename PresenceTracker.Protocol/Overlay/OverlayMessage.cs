using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>What the overlay cores of different nodes say to each other. Closed: the wire knows exactly these.</summary>
public abstract record OverlayMessage
{
    private OverlayMessage()
    {
    }

    /// <summary>A newcomer asks its contact to be let in. Always granted, with <see cref="NeighborReply"/>.</summary>
    public sealed record Join(ulong Token) : OverlayMessage;

    /// <summary>A random walk that ends at a further neighbour for the newcomer.</summary>
    /// <param name="HopsLeft">At zero the walk ends.</param>
    public sealed record ForwardJoin(NodeId Newcomer, int HopsLeft) : OverlayMessage;

    /// <summary>Asks the receiver to become a neighbour.</summary>
    public sealed record NeighborRequest(ulong Token, NeighborPriority Priority) : OverlayMessage;

    /// <summary>The answer to <see cref="NeighborRequest"/> and to <see cref="Join"/>; who grants holds the asker as a neighbour already.</summary>
    public sealed record NeighborReply(ulong Token, bool IsGranted) : OverlayMessage;

    /// <summary>The sender does not hold the receiver as a neighbour (any more).</summary>
    public sealed record Disconnect : OverlayMessage;

    /// <summary>The sender holds the receiver as a neighbour. Who does not hold the sender answers with <see cref="Disconnect"/>.</summary>
    public sealed record KeepLink : OverlayMessage;

    /// <summary>A random walk that exchanges parts of passive views with the node at its end.</summary>
    /// <param name="Token">Repeated in the <see cref="ShuffleReply"/>, which goes to the origin directly.</param>
    /// <param name="HopsLeft">At zero the walk ends.</param>
    /// <param name="Nodes">Known to the origin, which is not among them.</param>
    public sealed record Shuffle(NodeId Origin, ulong Token, int HopsLeft, ImmutableArray<NodeId> Nodes) : OverlayMessage;

    /// <summary>What the end of the walk knows in return.</summary>
    public sealed record ShuffleReply(ulong Token, ImmutableArray<NodeId> Nodes) : OverlayMessage;
}
