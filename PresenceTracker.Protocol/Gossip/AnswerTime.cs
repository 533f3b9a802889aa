using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>How long a peer takes to answer, and so how long to wait before a question counts as lost and is asked again.</summary>
/// <remarks>
/// After the retransmission timer of TCP (RFC 6298). Deviation: each question, and each repetition of it, has a token of its own, so an answer
/// that comes after its question was given up on still tells how long it took, and a peer that has become slow is waited for longer from its
/// first late answer on.
/// </remarks>
internal sealed class AnswerTime(GossipOptions options)
{
    // The pulls that may be outstanding, 16, each asked six times in its second.
    private const int AskedMax = 96;

    // Where nothing has been measured, and at least: many times what a local network takes, and short enough that several tries fit into a
    // round. Our simulations of lost messages.
    private const double RoundPart = 0.1;

    // Half the answers take longer than the average; few take twice as long as the slowest of late.
    private const int Margin = 2;

    // A faster answer counts for an eighth, as in TCP, a slower one at once: to ask too soon costs more than to ask too late.
    private const int Smoothing = 8;

    private readonly List<(ulong Token, MonotonicTime At)> _asked = [];
    private TimeSpan _expected;

    /// <summary>How long to wait for the next answer, after that many in a row that did not come.</summary>
    public TimeSpan Wait(int silences)
    {
        var least = options.RoundInterval * RoundPart;
        var wait = Max(least, _expected * Margin) * Math.Pow(2, silences);
        return wait < options.PullTimeout ? wait : options.PullTimeout;
    }

    public void Asked(ulong token, MonotonicTime now)
    {
        if (_asked.Count == AskedMax)
        {
            _asked.RemoveAt(0);
        }

        _asked.Add((token, now));
    }

    /// <summary>The first of an answer came.</summary>
    public void Answered(ulong token, MonotonicTime now)
    {
        var index = _asked.FindIndex(asked => asked.Token == token);
        if (index < 0)
        {
            return;
        }

        var took = Min(now - _asked[index].At, options.PullTimeout);
        _asked.RemoveAt(index);
        _expected = took > _expected ? took : _expected - ((_expected - took) / Smoothing);
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
