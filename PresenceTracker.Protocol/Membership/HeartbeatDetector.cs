using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// The failure detector: a heartbeat to every peer, and silence counted in missed heartbeats. Deviation: SWIM §3.1 probes one random
/// member per period, directly and through others, which costs each node the same at any size; this one costs a message per peer and
/// period, and a lost link between two nodes makes each hide the other. It only ever suspects, hides and removes, and confirms what the
/// node itself says: what a record means is for the <see cref="MemberTable"/> to say.
/// </summary>
internal sealed class HeartbeatDetector(MembershipOptions options, MemberTable members, Greeter greeter, SelfDefence voice, Prng prng)
{
    private ulong _token;
    private MonotonicTime _due;

    /// <summary>The first beat comes at a random point of the interval, so that nodes that start together do not beat together.</summary>
    public void Start(MembershipStep step) => ScheduleNext(options.HeartbeatInterval * prng.NextDouble(), step);

    public void OnHeartbeatDue(ulong token, MembershipStep step)
    {
        if (token != _token) return;

        CountOwnPause(step.Now);
        ScheduleNext(options.HeartbeatInterval, step);
        members.ExpireRemovals(step.Now);
        foreach (var member in members.All.ToArray())
        {
            JudgeSilence(member, step);
        }

        voice.TellEveryPeer(step);
        voice.ReviewSupplanting(options.HeartbeatInterval * (options.DownAfterMissed + 2), step);
    }

    public void OnHeartbeat(NodeRecord record, MembershipStep step)
    {
        var claim = members.Judge(record);
        switch (claim)
        {
            case Claim.SameLife or Claim.Renamed:
                members.Admit(record, claim, step);
                break;
            case Claim.LaterLife:
                members.Admit(record, claim, step);
                greeter.GreetIfNotJustDone(record.Node.Address, step);
                break;
            case Claim.Newcomer:
                // The handshake comes first: only that shows that both belong to the same cluster.
                greeter.GreetIfNotJustDone(record.Node.Address, step);
                break;
            case Claim.EarlierLife or Claim.Removed:
                step.Send(record.Node.Address, members.NoticeFor(record.Node.Address));
                break;
            case Claim.Outdated:
                break;
            default:
                throw new InvariantViolationException($"The heartbeat of {record.Node} was judged {claim}.");
        }
    }

    // Lifeguard (local health) makes a slow member distrust its own verdicts. Deviation: a tick that fires more than one interval late is
    // taken as proof that this process stood still, and the whole gap is taken out of everybody's silence.
    private void CountOwnPause(MonotonicTime now)
    {
        var late = now - _due;
        if (late > options.HeartbeatInterval) members.Shift(late, now);
    }

    // Deviation: the SWIM paper confirms a failure when the suspicion times out, which is final. Here there is a state between the two,
    // down, in which the presences are only hidden.
    private void JudgeSilence(Member member, MembershipStep step)
    {
        var silence = step.Now - member.LastHeard;
        if (member.State == MemberState.Down)
        {
            if (step.Now - member.Since >= options.RemovedAfter) members.Remove(member, step);
        }
        else if (silence > options.HeartbeatInterval * options.DownAfterMissed)
        {
            MemberTable.MarkDown(member, step);
        }
        else if (silence > options.HeartbeatInterval * options.SuspectAfterMissed && member.State == MemberState.Up)
        {
            MemberTable.Suspect(member, step);
        }
    }

    private void ScheduleNext(TimeSpan after, MembershipStep step)
    {
        _due = step.Now + after;
        step.Schedule(new MembershipTimer.HeartbeatDue(++_token), after);
    }
}
