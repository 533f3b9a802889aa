using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What was sent since it was last cleared, by kind of message.</summary>
internal sealed class MessageTally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long Messages { get; private set; }

    /// <summary>As bounded by <see cref="MessageSize"/>.</summary>
    public long Bytes { get; private set; }

    public int LargestMessage { get; private set; }

    /// <summary>Presences in all these messages.</summary>
    public long Presences { get; private set; }

    public void Add(NodeId sender, GossipMessage message)
    {
        var bytes = MessageSize.Of(sender, message);
        Messages++;
        Bytes += bytes;
        LargestMessage = Math.Max(LargestMessage, bytes);
        Presences += message switch
        {
            GossipMessage.Push push => push.Dots.Entries.Length,
            GossipMessage.PullReply { Dots: { } dots } => dots.Entries.Length,
            _ => 0,
        };
        var kind = message.GetType().Name;
        _counts[kind] = Of(kind) + 1;
    }

    public long Of(params ReadOnlySpan<string> kinds)
    {
        var count = 0L;
        foreach (var kind in kinds)
        {
            count += _counts.GetValueOrDefault(kind);
        }

        return count;
    }

    public void Clear()
    {
        _counts.Clear();
        Messages = 0;
        Bytes = 0;
        LargestMessage = 0;
        Presences = 0;
    }
}
