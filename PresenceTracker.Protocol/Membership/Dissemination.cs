using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// What is news does not wait for the next probe. Lifeguard §III: memberlist, on which its times of suspicion were measured, gossips apart
/// from the failure detector, to 3 random members each 200 ms. Deviation from it and from SWIM §4.1, where news rides on probes alone: this
/// is done only while there is something to tell. Each update still counts its transmissions, so it costs no more of them, only sooner.
/// </summary>
internal sealed class Dissemination(
    MembershipOptions options, MemberTable members, Links links, UpdateQueue updates, Letters letters, TokenSource tokens, Prng prng)
{
    private const int ReceiversMax = 3;

    // As in memberlist for a LAN, and at that pace for longer periods: a node whose own probes have become slow tells its news no later.
    private const double IntervalShare = 0.2;

    private ulong? _awaited;

    private TimeSpan Interval => options.Swim.ProtocolPeriod * IntervalShare;

    /// <summary>After each input: whoever has news begins to tell it, at a random moment, so that those who heard of it together do not all tell it together.</summary>
    public void Review(MembershipStep step)
    {
        if (_awaited is null && HasSomethingToDo) Schedule(Interval * prng.NextDouble(), step);
    }

    public void OnDue(ulong token, MembershipStep step)
    {
        if (token != _awaited) return;

        _awaited = null;
        if (!HasSomethingToDo) return;

        foreach (var receiver in members.Choose(ReceiversMax, member => member.State != MemberState.Down && links.Reach(member.Address), prng))
        {
            if (!updates.IsEmpty) letters.Announce(receiver, step);
        }

        if (HasSomethingToDo) Schedule(Interval, step);
    }

    private bool HasSomethingToDo => !updates.IsEmpty && members.LiveNodes > 1;

    private void Schedule(TimeSpan after, MembershipStep step)
    {
        _awaited = tokens.Next();
        step.Schedule(new MembershipTimer.NewsDue(_awaited.Value), after);
    }
}
