using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

/// <summary>What tests of pulls do to a node that lacks some of one replica.</summary>
internal static class PullSteps
{
    // So many operations that their answer is large.
    public const ulong Far = 900;

    public static readonly ReplicaId Wanted = Replica(D);

    /// <summary>A node that has the replica up to 5.</summary>
    public static CoreDriver Puller(params NodeId[] peers)
    {
        var core = Synced(null, peers);
        core.Hold(Wanted, 5);
        return core;
    }

    public static List<GossipEffect> Offer(CoreDriver core, NodeId from, ulong context) => core.Receive(
        from, new GossipMessage.DigestContexts(1, [0], [new(Wanted, context)], Reply: false, Synced: true));

    public static ulong PullToken(IEnumerable<GossipEffect> effects) => effects.Sent<GossipMessage.Pull>().Single().Token;

    public static List<GossipEffect> Reply(CoreDriver core, NodeId from, ulong token, Dots? dots, bool isLast = false) =>
        core.Receive(from, new GossipMessage.PullReply(token, Wanted, dots, isLast));

    public static List<GossipEffect> Move(CoreDriver core, ulong context) => core.Give(new GossipInput.ContextMoved(Wanted, At(context)));
}
