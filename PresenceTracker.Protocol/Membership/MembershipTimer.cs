namespace PresenceTracker.Protocol.Membership;

/// <summary>A timer as a value: the shell hands it back unchanged. Of each kind at most one is outstanding.</summary>
public abstract record MembershipTimer
{
    private MembershipTimer(ulong token)
    {
        Token = token;
    }

    /// <summary>Tells the outstanding timer from an older one.</summary>
    public ulong Token { get; }

    /// <summary>The failure detector's: time to say "I live" and to look who was silent.</summary>
    public sealed record HeartbeatDue(ulong Token) : MembershipTimer(Token);

    /// <summary>Time to greet the addresses that have not answered or are lost.</summary>
    public sealed record GreetingDue(ulong Token) : MembershipTimer(Token);

    /// <summary>The seeds have had their time to tell of a former life at our address.</summary>
    public sealed record FirstContactOver(ulong Token) : MembershipTimer(Token);
}
