using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// SWIM §3.1: in each protocol period one member is probed; if it does not answer in time, k others are asked to probe it; if by the end of
/// the period no answer has come on either way, it is suspected. The cost is the same for each node at any size of the cluster.
/// </summary>
/// <remarks>
/// In a large cluster each neighbour in the overlay is probed, all in each period, and its neighbours are those who are asked to probe it. So the
/// few who know of a silent node at once confirm each other, however many nodes there are. Deviation: one period in ten has the turn of the round
/// of all members too, so that a node whose neighbours have died with it is found.
/// </remarks>
internal sealed class Prober(
    MembershipOptions options,
    OwnLife self,
    MemberTable members,
    Links links,
    ProbeSchedule schedule,
    Suspicions suspicions,
    Letters letters,
    LocalHealth health,
    RestingRoot root,
    TokenSource tokens,
    Prng prng)
{
    private const int FarPeriods = 10;

    private readonly List<ProbeRound> _rounds = [];
    private ulong _period;
    private long _periods;
    private bool _hasJumped;

    /// <summary>When the period is over.</summary>
    public MonotonicTime Due { get; private set; }

    private SwimOptions Swim => options.Swim;

    /// <summary>The first period ends at a random point, so that nodes that start together do not probe together.</summary>
    public void Start(MembershipStep step) => SchedulePeriod(Swim.ProtocolPeriod * prng.NextDouble(), step);

    public void OnPeriodOver(ulong token, MembershipStep step)
    {
        if (token != _period) return;

        foreach (var round in _rounds.Where(round => !round.IsAcknowledged))
        {
            Conclude(round, step);
        }

        _hasJumped = false;
        Begin(step);
    }

    // memberlist does the same by another way, TCP: the connection may have broken just now, and Akka.Remote drops for a moment what is sent
    // to an address after that. Deviation: in SWIM a probe that was lost is not sent again.
    public void OnProbeOverdue(ulong token, MembershipStep step)
    {
        if (_rounds.Find(round => !round.IsAcknowledged && round.Token == token) is not { } round) return;

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
        if (_rounds.Any(round => round.Acknowledge(ack.Token, ack.Self.Node))) health.Improve();
    }

    public void OnNack(MembershipMessage.Nack nack) => _rounds.ForEach(round => round.Nacked(nack.Token, nack.Self.Node.Address));

    /// <summary>
    /// A connection to the member was refused or has closed, which proves nothing: the member is probed next, and at once if no probe is
    /// under way; but only once in a period, however often connections break.
    /// </summary>
    public void OnUnreachable(string address, MembershipStep step)
    {
        if (!members.TryGet(address, out var member) || member.State != MemberState.Up) return;

        var underWay = _rounds.Where(round => !round.IsAcknowledged).ToList();
        if (underWay.Exists(round => round.Target == member.Node)) return;

        schedule.ProbeNext(address);
        if (_hasJumped || underWay.Count > 0 || links.ArePartial) return;
        _hasJumped = true;
        Begin(step);
    }

    /// <summary>This node stood still: what has not come back meanwhile says nothing.</summary>
    public void Abandon(MonotonicTime now)
    {
        foreach (var round in _rounds.Where(round => !round.IsAcknowledged))
        {
            schedule.ProbeNext(round.Target.Address);
        }

        _rounds.Clear();
        Due = now;
    }

    private void Begin(MembershipStep step)
    {
        SchedulePeriod(Swim.ProtocolPeriod * health.Factor, step);
        _rounds.Clear();
        _periods++;
        foreach (var target in Targets())
        {
            var round = new ProbeRound(tokens.Next(), target.Node);
            _rounds.Add(round);
            SendPing(round, step);
            step.Schedule(new MembershipTimer.ProbeOverdue(round.Token), Swim.ProbeTimeout * health.Factor);
        }
    }

    private IReadOnlyCollection<Member> Targets()
    {
        if (!links.ArePartial) return schedule.Next() is { } next ? [next] : [];

        var targets = new SortedDictionary<string, Member>(StringComparer.Ordinal);
        foreach (var neighbor in links.Neighbors)
        {
            if (schedule.Probed(neighbor) is { } member) targets[neighbor] = member;
        }

        while (schedule.NextJumping() is { } jumping)
        {
            targets[jumping.Address] = jumping;
        }

        if (_periods % FarPeriods == 0 && schedule.Next() is { } far) targets[far.Address] = far;
        return targets.Values;
    }

    private void Conclude(ProbeRound round, MembershipStep step)
    {
        // Deviation from Lifeguard §IV-A, as in memberlist: a failed probe counts against this node only if it had no helper who could show
        // that the fault is not here. In the paper each does, so that the death of one node slows all others down.
        health.Worsen(round.HasHelpers ? round.MissedNacks : 1);
        if (members.TryGet(round.Target.Address, out var member) && member.Node == round.Target) suspicions.Accuse(member, step);
    }

    private IReadOnlyList<string> ChooseHelpers(string target)
    {
        var named = links.ArePartial && members.TryGet(target, out var suspect) ? suspect.Neighbors : [];
        var neighbors = Choose(member => named.Contains(member.Address));
        return neighbors.Count > 0 || Swim.IndirectProbes == 0 ? neighbors : Choose(_ => true);

        IReadOnlyList<string> Choose(Func<Member, bool> condition) => members.Choose(
            Swim.IndirectProbes, member => member.State == MemberState.Up && member.Address != target && condition(member), prng);
    }

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
