using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>A node held as up or suspect.</summary>
internal sealed class Peer(NodeId id, GossipOptions options, TokenSource tokens)
{
    public NodeId Id { get; } = id;

    public bool IsSuspect { get; set; }

    /// <summary>What it last said of itself in a digest; null if it has answered none yet.</summary>
    public bool? IsSynced { get; set; }

    public PushWindow Window { get; } = new(options);

    public PushReceipts Receipts { get; } = new(options, id, tokens);

    /// <summary>How long it takes to send the contexts of its buckets that differ from ours.</summary>
    public AnswerTime DigestAnswers { get; } = new(options);

    /// <summary>How long it takes to begin the answer to a pull.</summary>
    public AnswerTime PullAnswers { get; } = new(options);

    /// <summary>The difference to it whose contexts we wait for; null if there is none that we know of.</summary>
    public DigestQuestion? Question { get; set; }

    /// <summary>The reading of its contexts in progress; null when nobody needs one any more.</summary>
    public DigestReading? Reading { get; set; } = new();

    /// <summary>Whether its first digest has been read to the end.</summary>
    public bool IsFirstDigestRead { get; set; }

    /// <summary>Whether it keeps up with what it is sent, as far as we know.</summary>
    public bool IsOpen(MonotonicTime now) => Window.IsOpen(now) && !IsSuspect;
}
