namespace PresenceTracker.Protocol.Broadcast;

/// <summary>The timers of the broadcast core. Each carries a token, so that one that is no longer wanted is recognised.</summary>
public abstract record BroadcastTimer(ulong Token)
{
    /// <summary>The announcements that were collected go out.</summary>
    public sealed record AnnounceDue(ulong Token) : BroadcastTimer(Token);

    /// <summary>What was announced has not come.</summary>
    public sealed record GraftDue(BroadcastId Id, ulong Token) : BroadcastTimer(Token);

    /// <summary>Some payloads have been kept for long enough.</summary>
    public sealed record ForgetDue(ulong Token) : BroadcastTimer(Token);
}
