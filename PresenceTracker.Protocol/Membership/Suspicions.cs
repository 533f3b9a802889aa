using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// SWIM §4.2: a member that does not answer is not failed but suspected, and everybody is told; only when it has not refuted that in time is
/// it given up. How long that is, is said by <see cref="Suspicion"/>.
/// </summary>
internal sealed class Suspicions(
    MembershipOptions options, OwnLife self, MemberTable members, UpdateQueue updates, Letters letters, TokenSource tokens)
{
    /// <summary>The own probe of that member failed.</summary>
    public void Accuse(Member member, MembershipStep step)
    {
        var isNew = !IsAccused(member);
        Hear(member, member.Record.Refutation, self.Address, step);
        if (isNew && IsAccused(member)) updates.Urge(member.Doubt! with { Accuser = self.Address });

        // Deviation: SWIM leaves it to the dissemination whether the suspect hears of it in time. Here its accuser tells it, now and again
        // with each greeting: where the way to it is open again, a doubt lasts a second and not until somebody's next probe.
        letters.Announce(member.Address, step);
    }

    /// <summary>Somebody says that the member did not answer a probe.</summary>
    public void Hear(Member member, ulong refutation, string accuser, MembershipStep step)
    {
        var known = member.Record.Refutation;
        if (refutation < known || (refutation == known && member.State == MemberState.Down)) return;

        // Who is doubted at a higher number has refuted every doubt at a lower one.
        members.HearAlive(member, refutation, step);
        if (member.Suspicion is { } suspicion)
        {
            Confirm(member, suspicion, accuser, step);
        }
        else
        {
            Begin(member, accuser, step);
        }
    }

    public void OnOver(MembershipTimer.SuspicionOver timer, MembershipStep step)
    {
        if (!members.TryGet(timer.Node.Address, out var member) || member.Suspicion is not { } suspicion || suspicion.Token != timer.Token)
        {
            return;
        }

        if (step.Now >= suspicion.Deadline)
        {
            members.HearDown(member, member.Record.Refutation, step);

            // Everybody's time ends by itself. Who accused is among the few that know best, and tells those who have not heard enough.
            if (suspicion.IsBy(self.Address)) updates.Urge(member.Doubt!);
        }
        else
        {
            Schedule(member, suspicion, step);
        }
    }

    /// <summary>With every greeting: tells those that this node accuses itself.</summary>
    public void TellAccused(MembershipStep step)
    {
        foreach (var member in members.All.Where(IsAccused))
        {
            letters.Announce(member.Address, step);
        }
    }

    private bool IsAccused(Member member) => member.Suspicion?.IsBy(self.Address) == true;

    private void Begin(Member member, string accuser, MembershipStep step)
    {
        var nodes = members.LiveNodes;
        var swim = options.Swim;
        var suspicion = new Suspicion(
            swim.SuspicionMin(nodes), swim.SuspicionMax(nodes), swim.ConfirmationsMax(nodes), accuser, step.Now);
        members.Suspect(member, suspicion, step);
        Schedule(member, suspicion, step);
    }

    // Lifeguard §IV-B: each accuser that counts is told on, so that the others can count it too.
    private void Confirm(Member member, Suspicion suspicion, string accuser, MembershipStep step)
    {
        if (!suspicion.Confirm(accuser)) return;

        updates.Add(member.Doubt! with { Accuser = accuser });
        Schedule(member, suspicion, step);
    }

    private void Schedule(Member member, Suspicion suspicion, MembershipStep step)
    {
        suspicion.Token = tokens.Next();
        var left = suspicion.Deadline - step.Now;
        step.Schedule(new MembershipTimer.SuspicionOver(suspicion.Token, member.Node), left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }
}
