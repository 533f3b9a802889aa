using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// SWIM §3.1: in each protocol period one member is probed; if it does not answer in time, k others are asked to probe it; if by the end of
/// the period no answer has come on either way, it is suspected. The cost is the same for each node at any size of the cluster.
/// </summary>
internal sealed class Prober(
    MembershipOptions options,
    OwnLife self,
    MemberTable members,
    ProbeSchedule schedule,
    Suspicions suspicions,
    Letters letters,
    LocalHealth health,
    RestingRoot root,
    TokenSource tokens,
    Prng prng)
{
    private ulong _period;
    private ProbeRound? _round;
    private bool _hasJumped;

    /// <summary>When the period is over.</summary>
    public MonotonicTime Due { get; private set; }

    private SwimOptions Swim => options.Swim;

    /// <summary>The first period ends at a random point, so that nodes that start together do not probe together.</summary>
    public void Start(MembershipStep step) => SchedulePeriod(Swim.ProtocolPeriod * prng.NextDouble(), step);

    public void OnPeriodOver(ulong token, MembershipStep step)
    {
        if (token != _period) return;

        Conclude(step);
        _hasJumped = false;
        Begin(step);
    }

    // memberlist does the same by another way, TCP: the connection may have broken just now, and Akka.Remote drops for a moment what is sent
    // to an address after that. Deviation: in SWIM a probe that was lost is not sent again.
    public void OnProbeOverdue(ulong token, MembershipStep step)
    {
        if (_round is not { IsAcknowledged: false } round || round.Token != token) return;

        SendPing(round, step);
        foreach (var helper in ChooseHelpers(round.Target.Address))
        {
            round.AskedForHelp(helper);
            step.Send(
                helper, new MembershipMessage.PingRequest(round.Token, self.Record, round.Target, letters.UpdatesFor(helper)));
        }
    }

    public void OnAck(MembershipMessage.Ack ack)
    {
        if (_round?.Acknowledge(ack.Token, ack.Self.Node) == true) health.Improve();
    }

    public void OnNack(MembershipMessage.Nack nack) => _round?.Nacked(nack.Token, nack.Self.Node.Address);

    /// <summary>
    /// A connection to the member was refused or has closed, which proves nothing: the member is probed next, and at once if no probe is
    /// under way; but only once in a period, however often connections break.
    /// </summary>
    public void OnUnreachable(string address, MembershipStep step)
    {
        if (!members.TryGet(address, out var member) || member.State != MemberState.Up) return;

        var underWay = _round is { IsAcknowledged: false } ? _round.Target : null;
        if (underWay == member.Node) return;

        schedule.ProbeNext(address);
        if (_hasJumped || underWay is not null) return;
        _hasJumped = true;
        Begin(step);
    }

    /// <summary>This node stood still: what has not come back meanwhile says nothing.</summary>
    public void Abandon(MonotonicTime now)
    {
        if (_round is { IsAcknowledged: false } round) schedule.ProbeNext(round.Target.Address);
        _round = null;
        Due = now;
    }

    private void Begin(MembershipStep step)
    {
        SchedulePeriod(Swim.ProtocolPeriod * health.Factor, step);
        _round = null;
        if (schedule.Next() is not { } target) return;

        _round = new ProbeRound(tokens.Next(), target.Node);
        SendPing(_round, step);
        step.Schedule(new MembershipTimer.ProbeOverdue(_round.Token), Swim.ProbeTimeout * health.Factor);
    }

    private void Conclude(MembershipStep step)
    {
        if (_round is not { IsAcknowledged: false } round) return;

        // Deviation from Lifeguard §IV-A, as in memberlist: a failed probe counts against this node only if it had no helper who could show
        // that the fault is not here. In the paper each does, so that the death of one node slows all others down.
        health.Worsen(round.HasHelpers ? round.MissedNacks : 1);
        if (members.TryGet(round.Target.Address, out var member) && member.Node == round.Target) suspicions.Accuse(member, step);
    }

    private IReadOnlyList<string> ChooseHelpers(string target) =>
        members.Choose(Swim.IndirectProbes, member => member.State == MemberState.Up && member.Address != target, prng);

    private void SendPing(ProbeRound round, MembershipStep step)
    {
        var address = round.Target.Address;
        step.Send(address, new MembershipMessage.Ping(round.Token, self.Record, letters.UpdatesFor(address), root.Own));
    }

    private void SchedulePeriod(TimeSpan after, MembershipStep step)
    {
        _period = tokens.Next();
        Due = step.Now + after;
        step.Schedule(new MembershipTimer.PeriodOver(_period), after);
    }
}
