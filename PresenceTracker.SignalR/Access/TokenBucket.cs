namespace PresenceTracker.SignalR.Access;

/// <summary>So many calls at once, and so many a second from then on. Not thread-safe.</summary>
internal sealed class TokenBucket(int burst, double perSecond)
{
    private double _tokens = burst;
    private TimeSpan _filledAt;

    /// <param name="now">On a clock that never goes back.</param>
    public bool TryTake(TimeSpan now)
    {
        _tokens = Math.Min(burst, _tokens + ((now - _filledAt).TotalSeconds * perSecond));
        _filledAt = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
