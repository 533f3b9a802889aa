using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>A pull that was sent and whose answer has not been applied to the end.</summary>
internal sealed class OutstandingPull(ulong token, NodeId peer, PullPosition from, MonotonicTime now)
{
    private ulong _deltasTo;
    private ulong _chunksTo;
    private bool _isAnswered;

    public ulong Token { get; } = token;

    public NodeId Peer { get; } = peer;

    public MonotonicTime LastProgress { get; private set; } = now;

    /// <summary>Whether the answer brings anything that we lacked when we asked.</summary>
    public bool IsUseful => Math.Max(_deltasTo, _chunksTo) > from.Context;

    /// <summary>A part of the answer was handed to the shard, or the end of it came.</summary>
    public void Take(Dots? part, bool isLast, MonotonicTime now)
    {
        LastProgress = now;
        _isAnswered |= isLast;
        if (part is { IsDelta: true })
        {
            _deltasTo = Math.Max(_deltasTo, part.To);
        }
        else if (part is not null)
        {
            _chunksTo = Math.Max(_chunksTo, part.To);
        }
    }

    /// <summary>
    /// Whether the answer is complete and the shard has applied all of it. To ask for more before that would fetch the same once more.
    /// </summary>
    public bool IsAppliedAt(PullPosition position) =>
        _isAnswered && position.Context >= _deltasTo && Math.Max(position.Context, position.CoveredTo) >= _chunksTo;
}
