using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Lifeguard §IV-B: a suspicion lasts long as long as one node alone accuses, who may be the one that is slow, and gets shorter with the
/// logarithm of the number of others whose own probes failed too.
/// </summary>
/// <param name="min">With as many confirmations as count.</param>
/// <param name="max">Without any.</param>
/// <param name="confirmationsMax">How many count.</param>
/// <param name="accuser">The address of the first.</param>
internal sealed class Suspicion(TimeSpan min, TimeSpan max, int confirmationsMax, string accuser, MonotonicTime since)
{
    private readonly SortedSet<string> _accusers = new(StringComparer.Ordinal) { accuser };
    private MonotonicTime _since = since;
    private MonotonicTime _notBefore = since;

    /// <summary>The address of the one who was heard of first.</summary>
    public string FirstAccuser { get; } = accuser;

    /// <summary>Of the timer that is awaited.</summary>
    public ulong Token { get; set; }

    /// <summary>When it is over, if nothing else is heard.</summary>
    public MonotonicTime Deadline
    {
        get
        {
            var confirmations = _accusers.Count - 1;
            var share = confirmationsMax == 0 ? 1 : Math.Log(confirmations + 1) / Math.Log(confirmationsMax + 1);
            var time = max - ((max - min) * share);
            var deadline = _since + (time > min ? time : min);
            return deadline > _notBefore ? deadline : _notBefore;
        }
    }

    /// <summary>Whether the accuser was one more that counts.</summary>
    public bool Confirm(string other) => _accusers.Count <= confirmationsMax && _accusers.Add(other);

    public bool IsBy(string address) => _accusers.Contains(address);

    /// <summary>Takes out of the count a time in which this node itself stood still, and waits until it has heard what came meanwhile.</summary>
    public void Shift(TimeSpan pause, MonotonicTime notBefore)
    {
        _since += pause;
        _notBefore = notBefore;
    }
}
