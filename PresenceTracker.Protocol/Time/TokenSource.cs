namespace PresenceTracker.Protocol.Time;

/// <summary>Numbers timers and requests, so that a late one is told from the one that is awaited.</summary>
internal sealed class TokenSource
{
    private ulong _last;

    public ulong Next() => ++_last;
}
