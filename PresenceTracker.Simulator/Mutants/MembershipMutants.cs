using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Bugs of who is said to live, and which of its lives.</summary>
internal static class MembershipMutants
{
    private const string Members = "PresenceTracker.Protocol/Membership/MemberTable.cs";

    public static ImmutableArray<Mutant> All { get; } =
    [
        new(
            "liveness-by-wall-clock",
            "Phoenix (`Replica.now_ms`): wall clocks decide who lives. In the simulated shell the membership is given the clock that an operator sets",
            [
                new(
                    "PresenceTracker.Simulator/Nodes/SimulatedMonitor.cs",
                    "_core.Handle(input, Node.Clock.Now, _effects);",
                    "_core.Handle(input, new(Node.Cluster.WallClockOf(Node.Slot).Ticks), _effects);"),
            ]),
        new(
            "clock-decides-generation",
            "Cassandra, Scylla (CASSANDRA-8113, #5164): the start time is the generation, whatever others know. Nobody tells a node that its clock went back, and it would not listen",
            [
                new(
                    "PresenceTracker.Protocol/Membership/Handshake.cs",
                    "var counterAbove = members.CounterAbove(joiner);",
                    "var counterAbove = 0UL;"),
                new(
                    "PresenceTracker.Protocol/Membership/SelfDefence.cs",
                    "else if (named.Incarnation > self.Node.Incarnation)",
                    "else if (named.Incarnation > self.Node.Incarnation && notice.Refutation > RecordCheck.RefutationMax)"),
            ]),
        new(
            "one-bad-node-fails-others",
            "Consul (consul#5928): one node that is half cut off has healthy nodes removed by all. Who removes a node tells everybody that it has left",
            [
                new(
                    Members,
                    "_removed.Add(new RemovalRecord(member.Node, member.Record.Refutation, LeaveReason.NodeDown, step.Now));",
                    """
                    _removed.Add(new RemovalRecord(member.Node, member.Record.Refutation, LeaveReason.NodeDown, step.Now));
                            foreach (var other in _members.Values)
                            {
                                step.Send(other.Address, new MembershipMessage.Leaving(member.Node));
                            }
                    """),
            ]),
        new(
            "refutation-as-new-life",
            "Ours: a node that refutes its removal is taken for another life, and flaps where it was never doubted",
            [
                new(
                    Members,
                    "        RaiseEpochs(member, record, step);\n",
                    """
                            if (record.Refutation > member.Record.Refutation)
                            {
                                step.Emit(new MembershipEffect.NodeRemoved(member.Node, LeaveReason.NodeDown));
                                step.Emit(new MembershipEffect.NodeUp(record));
                            }

                            RaiseEpochs(member, record, step);

                    """),
            ]),
        new(
            "late-word-of-the-removed",
            "Ours: a removed life is taken in again by what it said before, without a refutation",
            [new(Members, "            && claim.Refutation <= record.Refutation)", "            && claim.Refutation == 0)")]),
    ];
}
