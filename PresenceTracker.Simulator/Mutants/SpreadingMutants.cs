using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Bugs of the gossip.</summary>
internal static class SpreadingMutants
{
    private const string Exchange = "PresenceTracker.Protocol/Gossip/DigestExchange.cs";

    public static ImmutableArray<Mutant> All { get; } =
    [
        new(
            "transfer-storm",
            "Phoenix (phoenix_pubsub#135): nodes that are equal go on to transfer. Equal roots are not seen to be equal, and the exchange never rests",
            [new(Exchange, "if (message.Root == contexts.Root)", "if (message.Root == contexts.Root + 1)")]),
        new(
            "absence-means-nothing-left",
            "Ours: a replica that a digest does not name is taken to hold nothing any more",
            [
                new(
                    Exchange,
                    "        if (message.Reply)",
                    """
                            foreach (var (member, addressHash) in contexts.Members.ToList())
                            {
                                if (message.Buckets.Contains(grid.IndexOf(member.Replica.Shard, addressHash))
                                    && !self.Owns(member.Replica)
                                    && !message.Contexts.Any(named => named.Replica == member.Replica))
                                {
                                    var nothing = new Replication.Dots(member.Replica, 0, member.Context, member.Context + 1, member.Context + 1, [], default);
                                    effects.Add(new GossipEffect.DeliverDots(nothing, peer.Id, PushNumber: 0));
                                }
                            }

                            if (message.Reply)
                    """),
            ]),
    ];
}
