using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What was sent since it was last cleared, by kind of message.</summary>
internal sealed class MessageTally
{
    private readonly SortedDictionary<string, (long Messages, long Bytes)> _byKind = new(StringComparer.Ordinal);

    public long Messages { get; private set; }

    /// <summary>As bounded by <see cref="MessageSize"/>.</summary>
    public long Bytes { get; private set; }

    /// <summary>Presences in all these messages.</summary>
    public long Presences { get; private set; }

    public void Add(NodeId sender, GossipMessage message)
    {
        var bytes = MessageSize.Of(sender, message);
        Messages++;
        Bytes += bytes;
        Presences += message switch
        {
            GossipMessage.Push push => push.Dots.Entries.Length,
            GossipMessage.PullReply { Dots: { } dots } => dots.Entries.Length,
            _ => 0,
        };
        var kind = message.GetType().Name;
        var (messages, sum) = _byKind.GetValueOrDefault(kind);
        _byKind[kind] = (messages + 1, sum + bytes);
    }

    public long Of(params IEnumerable<string> kinds) => kinds.Sum(kind => _byKind.GetValueOrDefault(kind).Messages);

    public long BytesOf(params IEnumerable<string> kinds) => kinds.Sum(kind => _byKind.GetValueOrDefault(kind).Bytes);

    public void Clear()
    {
        _byKind.Clear();
        Messages = 0;
        Bytes = 0;
        Presences = 0;
    }
}
