using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Bugs that only readers and subscribers see.</summary>
internal static class ReaderMutants
{
    public static ImmutableArray<Mutant> All { get; } =
    [
        new(
            "gap-in-update",
            "Phoenix (phoenix_pubsub#172): a reader sees nothing between the two halves of an update. The old presence leaves as soon as its end is known",
            [
                new(
                    "PresenceTracker.Protocol/Replication/DotsMerge.cs",
                    "            replica.Departures.Await(presence, removal.Sequence, isShown);\n",
                    """
                                if (isShown)
                                {
                                    listing.Leave(presence, LeaveReason.Unobserved);
                                }

                    """),
            ]),
        new(
            "diff-before-state",
            "Phoenix (phoenix#2255): a client gets a diff before the state that it belongs to. In the simulated shell the state overtakes the diffs that it has in it already",
            [
                new(
                    "PresenceTracker.Simulator/Nodes/SimulatedShard.cs",
                    "Tell(ActorName.Publisher, new SimulatedPublisher.Subscribed(",
                    "Node.Publisher.Deliver(new SimulatedPublisher.Subscribed("),
            ]),
    ];
}
