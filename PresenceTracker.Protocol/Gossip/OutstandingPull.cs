using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>A pull that was sent and whose answer has not been applied to the end.</summary>
internal sealed class OutstandingPull(ulong token, NodeId peer, PullPosition from, TimeSpan wait, MonotonicTime now)
{
    private Dots? _lastPart;
    private bool _isAnswered;

    public ulong Token { get; } = token;

    public NodeId Peer { get; } = peer;

    /// <summary>How long the answer may take to begin.</summary>
    public TimeSpan Wait { get; } = wait;

    /// <summary>Whether any of the answer has come.</summary>
    public bool HasBegun { get; private set; }

    public MonotonicTime LastProgress { get; private set; } = now;

    /// <summary>Whether the answer brings anything that we lacked when we asked. Its last part reaches the furthest.</summary>
    public bool IsUseful => _lastPart is { } part && from.Context < part.AsOf && (part.IsDelta || from.CoveredTo < part.To);

    /// <summary>A part of the answer was handed to the shard, or the end of it came.</summary>
    public void Take(Dots? part, bool isLast, MonotonicTime now)
    {
        LastProgress = now;
        HasBegun = true;
        _isAnswered |= isLast;
        _lastPart = part ?? _lastPart;
    }

    /// <summary>
    /// Whether the answer is complete and the shard has applied all of it. To ask for more before that would fetch the same once more.
    /// </summary>
    public bool IsAppliedAt(PullPosition position)
    {
        if (!_isAnswered || _lastPart is not { } part)
        {
            return _isAnswered;
        }

        // A chunk extends what is covered; the one that completes a catch-up moves the context beyond itself instead. A delta moves the context.
        return part.IsDelta
            ? position.Context >= part.AsOf
            : position.CoveredTo >= part.To || position.Context >= Math.Max(part.To, from.Context + 1);
    }
}
