using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>A timer as a value: the shell hands it back unchanged.</summary>
public abstract record MembershipTimer
{
    private MembershipTimer(ulong token)
    {
        Token = token;
    }

    /// <summary>Tells the outstanding timer from an older one.</summary>
    public ulong Token { get; }

    /// <summary>A protocol period is over: time to judge one probe and to send the next.</summary>
    public sealed record PeriodOver(ulong Token) : MembershipTimer(Token);

    /// <summary>The probed member has not answered in time: others are asked.</summary>
    public sealed record ProbeOverdue(ulong Token) : MembershipTimer(Token);

    /// <summary>The member that was probed on behalf of another has not answered in time.</summary>
    public sealed record RelayOverdue(ulong Token) : MembershipTimer(Token);

    /// <summary>Time to tell some others what is news.</summary>
    public sealed record NewsDue(ulong Token) : MembershipTimer(Token);

    /// <summary>A suspicion has lasted as long as it may.</summary>
    public sealed record SuspicionOver(ulong Token, NodeId Node) : MembershipTimer(Token);

    /// <summary>Time to greet the addresses that have not answered or are lost.</summary>
    public sealed record GreetingDue(ulong Token) : MembershipTimer(Token);

    /// <summary>The seeds have had their time to tell of a former life at our address.</summary>
    public sealed record FirstContactOver(ulong Token) : MembershipTimer(Token);
}
