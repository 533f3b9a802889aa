using System.Text;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>
/// Upper bounds of what the messages between gossip cores take on the wire, which the simulator does not know; a test compares them with it.
/// </summary>
internal static class MessageSize
{
    // Counter and process id, and the tags and lengths of these, of the address and of the node itself.
    private const int IncarnationBytes = 26;

    private const int NumberBytes = 11;
    private const int FlagBytes = 2;
    private const int HashBytes = 8;
    private const int BucketBytes = 3;

    /// <summary>Shard, epoch and context as varints; a node is written once, but counted with each of its contexts.</summary>
    private const int ContextBytes = 30;

    public static int Of(NodeId sender, GossipMessage message) => NodeBytes(sender) + message switch
    {
        GossipMessage.Push push => NumberBytes + DotsSize.Of(push.Dots),
        GossipMessage.PushAck => NumberBytes,
        GossipMessage.DigestRoot => HashBytes + 1 + NumberBytes + FlagBytes,
        GossipMessage.DigestEqual => FlagBytes,
        GossipMessage.DigestBuckets buckets => (2 * NumberBytes) + FlagBytes + (HashBytes * buckets.Hashes.Length),
        GossipMessage.DigestContexts contexts => (3 * NumberBytes) + (2 * FlagBytes) + (BucketBytes * contexts.Buckets.Length)
            + contexts.Contexts.Sum(context => ContextBytes + NodeBytes(context.Replica.Node)),
        GossipMessage.Pull pull => (4 * NumberBytes) + ReplicaBytes(pull.Replica),
        GossipMessage.PullReply reply => NumberBytes + FlagBytes + (reply.Dots is { } dots ? DotsSize.Of(dots) : ReplicaBytes(reply.Replica)),
        _ => throw new InvalidOperationException($"{message.GetType().Name} is no message that has a size here"),
    };

    private static int NodeBytes(NodeId node) => IncarnationBytes + Encoding.UTF8.GetByteCount(node.Address);

    private static int ReplicaBytes(ReplicaId replica) => (2 * NumberBytes) + NodeBytes(replica.Node);
}
