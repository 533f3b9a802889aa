using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Bugs of the overlay and of the broadcast on it.</summary>
internal static class OverlayMutants
{
    private const string Neighborhood = "PresenceTracker.Protocol/Overlay/Neighborhood.cs";
    private const string Broadcast = "PresenceTracker.Protocol/Broadcast/BroadcastCore.cs";

    public static ImmutableArray<Mutant> All { get; } =
    [
        new(
            "one-way-link",
            "dotNext 6.12: who asks to be a neighbour holds the other as one, though it was refused",
            [
                new(
                    Neighborhood,
                    """
                            if (!reply.IsGranted)
                            {
                                OnRefusal(peer, request);
                            }
                            else if (request
                    """,
                    """
                            if (request
                    """),
            ]),
        new(
            "late-request-timer",
            "Ours: the timer of an older request to the same node gives up the later one",
            [new(Neighborhood, "TryGetValue(peer, out request!) && request.Token == token;", "TryGetValue(peer, out request!);")]),
        new(
            "self-in-passive-view",
            "dotNext 6.12: a node that others name remembers itself, and asks itself to be its neighbour",
            [new("PresenceTracker.Protocol/Overlay/PassiveView.cs", "node.Address == self.Address || ", "")]),
        new(
            "prune-cuts-the-tree",
            "Ours: the link over which a payload comes first becomes lazy as those over which it comes again, and a graft does not mend it",
            [
                new(Broadcast, "if (peer is not null) peer.IsEager = true;", "if (peer is not null) peer.IsEager = false;"),
                new(
                    Broadcast,
                    """
                            peer.IsEager = true;
                            if (graft.Missing is { } id
                    """,
                    """
                            if (graft.Missing is { } id
                    """),
            ]),
    ];
}
