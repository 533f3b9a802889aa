using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What this node does when others doubt or removed it, or hold another life for the latest one at its address.</summary>
internal sealed class SelfDefence(
    OwnLife self, MemberTable members, Greeter greeter, UpdateQueue updates, Letters letters, LocalHealth health)
{
    private MonotonicTime? _supplantedAt;
    private MonotonicTime _lastHeard;

    /// <summary>
    /// SWIM §4.2: a member that hears of its own suspicion raises its incarnation number and has that told on. Deviation: it refutes in the
    /// same way that it is down, which in the paper is final. Lifeguard §IV-A: that it was suspected at all speaks against its own health.
    /// </summary>
    /// <returns>Whether it had to refute that.</returns>
    public bool OnDoubt(MemberUpdate update, string from, MembershipStep step)
    {
        if (update.Node != self.Node || update.Kind == UpdateKind.Alive) return false;
        if (update.Kind == UpdateKind.Left)
        {
            ReportFalseLeave(from, step);
            return false;
        }

        if (update.Refutation < self.Record.Refutation) return false;

        RefuteAbove(update.Refutation);
        health.Worsen();
        return true;
    }

    /// <summary>A member has said anything.</summary>
    public void Heard(MonotonicTime now) => _lastHeard = now;

    /// <summary>
    /// SWIM §4.2: a member that hears of its own suspicion raises its incarnation number and says so. Deviation: here it is told of its
    /// removal by whoever still knows of it, because nobody gossips about a removed node.
    /// </summary>
    public void OnNotice(MembershipMessage.RemovalNotice notice, string? from, MembershipStep step)
    {
        var named = notice.Node;
        if (named.Address != self.Address || !RecordCheck.IsNode(named))
        {
            step.Report(MembershipViolationKind.MisaddressedNotice, from, $"a notice about {named}, here is {self.Node}");
        }
        else if (named.Incarnation > self.Node.Incarnation)
        {
            if (TryRiseAbove(named, step)) GreetAnew(from, step);
        }
        else if (named.Incarnation == self.Node.Incarnation && notice.Refutation >= self.Record.Refutation)
        {
            Refute(notice, from, step);
        }
    }

    /// <summary>Another process calls this node's address its own.</summary>
    public void OnAddressClaimed(NodeId rival, MembershipStep step)
    {
        step.Report(MembershipViolationKind.AddressClaimed, rival.Address, $"{rival} says that it is at the address of {self.Node}");
        if (rival.Incarnation > self.Node.Incarnation) TryRiseAbove(rival, step);
    }

    /// <summary>
    /// No counter helps against a process that has taken our place at a peer: nothing that we say arrives there any more, and no message
    /// would ever tell us so.
    /// </summary>
    public void OnSupplanted(MembershipStep step) => _supplantedAt ??= step.Now;

    /// <summary>
    /// With every greeting: whoever was supplanted and then hears nobody any more gives way. That one peer was told by the transport of
    /// another process proves nothing by itself: any process that can reach a node port can say that it is at our address.
    /// </summary>
    public void ReviewSupplanting(TimeSpan silenceMax, MembershipStep step)
    {
        if (_supplantedAt is not { } supplantedAt || members.Count == 0) return;

        if (step.Now - (_lastHeard > supplantedAt ? _lastHeard : supplantedAt) >= silenceMax)
        {
            GiveWay(step);
        }
        else if (_lastHeard - supplantedAt >= silenceMax)
        {
            _supplantedAt = null;
        }
    }

    /// <summary>Takes a counter above that one and tells every peer.</summary>
    public void RaiseCounterAbove(ulong counter, MembershipStep step)
    {
        var old = self.Node;
        self.RaiseCounterAbove(counter);
        if (self.IsAnnounceable) step.Emit(new MembershipEffect.SelfRaised(old, self.Node));
        letters.AnnounceToAll(step);
    }

    private void Refute(MembershipMessage.RemovalNotice notice, string? from, MembershipStep step)
    {
        if (notice.Refutation >= RecordCheck.RefutationMax)
        {
            ReportFalseLeave(from, step);
            return;
        }

        RefuteAbove(notice.Refutation);
        GreetAnew(from, step);
    }

    private void RefuteAbove(ulong refutation)
    {
        self.RefuteAbove(refutation);
        var alive = new MemberUpdate(self.Node, self.Record.Refutation, UpdateKind.Alive);
        updates.Add(alive);
        updates.Urge(alive);
    }

    private void ReportFalseLeave(string? from, MembershipStep step) =>
        step.Report(MembershipViolationKind.MisaddressedNotice, from, $"{self.Node} is said to have left, but has not");

    // Whoever gave the notice does not hold us for a member any more, so only a handshake makes us known to it again. Where the transport
    // does not tell who it was, our next probe or greeting leads to the same.
    private void GreetAnew(string? from, MembershipStep step)
    {
        if (from is not null && from != self.Address && NodeAddress.IsValid(from)) greeter.Greet(from, step);
    }

    // Learnt at start-up, a higher life is our own past, and the handshake has raised us above it. Learnt later, it is either that of an
    // island that was cut off, dead and thus silent once we are above it, or a living process, which will rise above us in turn.
    private bool TryRiseAbove(NodeId rival, MembershipStep step)
    {
        var isOther = rival.Incarnation.ProcessId != self.Node.Incarnation.ProcessId;
        if (isOther && self.IsForcedTooOften(rival.Incarnation.ProcessId, step.Now))
        {
            GiveWay(step);
            return false;
        }

        RaiseCounterAbove(rival.Incarnation.Counter, step);
        return true;
    }

    private void GiveWay(MembershipStep step) => step.Emit(new MembershipEffect.StopNode(new StopCause.AddressTaken(self.Address)));
}
