using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>An address at which a node is, was or should be.</summary>
internal sealed class Contact(string address)
{
    /// <summary>As it is dialled.</summary>
    public string Address { get; } = address;

    /// <summary>As the node there advertises itself; differs if the address is another spelling.</summary>
    public string KnownAs { get; private set; } = address;

    public bool IsSeed { get; set; }

    /// <summary>Whether it has turned out to be this node under another spelling; then it is never greeted again.</summary>
    public bool IsSelf { get; private set; }

    /// <summary>Whether there was a member, up or suspect, when it was last looked at.</summary>
    public bool IsMember { get; set; }

    /// <summary>Whether it has ever answered.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Whether it is greeted until it answers.</summary>
    public bool IsPending { get; private set; }

    /// <summary>Whether it takes its turn among the slowly greeted at once, without a time of frequent greetings.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Since when it has been lost, or greeted for the first time.</summary>
    public MonotonicTime PendingSince { get; private set; }

    public MonotonicTime? GreetedAt { get; private set; }

    public void Greeted(MonotonicTime now) => GreetedAt = now;

    public void Await(MonotonicTime now)
    {
        IsPending = true;
        HasLeft = false;
        PendingSince = now;
    }

    public void AwaitAfterLeave(MonotonicTime now)
    {
        Await(now);
        HasLeft = true;
    }

    public void Answered(string knownAs)
    {
        KnownAs = knownAs;
        HasAnswered = true;
        IsPending = false;
    }

    public void TurnedOutToBeSelf()
    {
        IsSelf = true;
        HasAnswered = true;
        IsPending = false;
    }
}
