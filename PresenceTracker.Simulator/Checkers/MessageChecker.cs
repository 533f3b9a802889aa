using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>No message is too large, and never is more pushed to a peer than its window holds. Bytes are the protocol's own upper bounds.</summary>
internal sealed class MessageChecker : Checker
{
    // What stands around the entries and removals of a message: envelope, range, address.
    private const int EnvelopeBytesMax = 512;

    private const int MessageBytesMax = 64 * 1024;

    private const int ContextBytes = 64;

    private readonly SortedDictionary<(ulong From, NodeId To), Queue<(ulong Number, int Bytes)>> _unacknowledged = [];

    public override string Rule => "messages and windows are bounded";

    public override void GossipGiven(SimulatedNode node, GossipInput input)
    {
        switch (input)
        {
            case GossipInput.PeerUp up:
                _unacknowledged.Remove((node.ProcessId, up.Peer));
                break;
            case GossipInput.PeerGone gone:
                _unacknowledged.Remove((node.ProcessId, gone.Peer));
                break;
            case GossipInput.MessageReceived(var from, GossipMessage.PushAck ack) when _unacknowledged.TryGetValue((node.ProcessId, from), out var sent):
                while (sent.TryPeek(out var oldest) && oldest.Number <= ack.Number)
                {
                    sent.Dequeue();
                }

                break;
            default:
                break;
        }
    }

    public override void GossipSent(SimulatedNode node, NodeId to, GossipMessage message)
    {
        var limit = node.Options.Replication.Set.MessageBytesMax + EnvelopeBytesMax;
        switch (message)
        {
            case GossipMessage.Push push:
                Require(DotsSize.Of(push.Dots), limit, push);
                Push(node, to, push);
                break;
            case GossipMessage.PullReply { Dots: { } dots } reply:
                Require(DotsSize.Of(dots), limit, reply);
                break;
            case GossipMessage.DigestContexts contexts:
                Require(contexts.Contexts.Length * ContextBytes, MessageBytesMax, contexts);
                break;
            default:
                break;
        }
    }

    private void Push(SimulatedNode node, NodeId to, GossipMessage.Push push)
    {
        if (!_unacknowledged.TryGetValue((node.ProcessId, to), out var sent))
        {
            _unacknowledged[(node.ProcessId, to)] = sent = [];
        }

        // A single push may be larger than a small window: it is let through when nothing else is under way.
        sent.Enqueue((push.Number, DotsSize.Of(push.Dots)));
        var bytes = sent.Sum(unacknowledged => unacknowledged.Bytes);
        if (sent.Count > 1 && bytes > node.Options.Gossip.PushBytesMax)
        {
            throw Breach($"{node} has {bytes} bytes of pushes to {to} unacknowledged, of at most {node.Options.Gossip.PushBytesMax}");
        }
    }

    private void Require(int bytes, int limit, GossipMessage message)
    {
        if (bytes > limit)
        {
            throw Breach($"a message of {bytes} bytes, of at most {limit}: {message}");
        }
    }
}
