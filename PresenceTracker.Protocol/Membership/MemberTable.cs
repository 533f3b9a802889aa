using System.Diagnostics.CodeAnalysis;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Who is a member and who was one: the only place that decides which record of a node wins, and that turns a change into its effect, and
/// into the update that others are told.
/// </summary>
internal sealed class MemberTable(MembershipOptions options, UpdateQueue updates)
{
    private readonly SortedDictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly RemovalRecords _removed = new(options.RemovalRecordsMax, options.RemovalRecordLifetime);

    public int Count => _members.Count;

    /// <summary>This node and the members that are up or suspect: N of the papers.</summary>
    public int LiveNodes { get; private set; } = 1;

    /// <summary>Whether there has ever been a member, however long ago.</summary>
    public bool HasEverHadOne { get; private set; }

    /// <summary>Up, suspect and down, by rising address.</summary>
    public IEnumerable<Member> All => _members.Values;

    public bool TryGet(string address, [MaybeNullWhen(false)] out Member member) => _members.TryGetValue(address, out member);

    /// <summary>The addresses of distinct random members that fulfil the condition, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<string> Choose(int count, Func<Member, bool> condition, Prng prng)
    {
        var candidates = _members.Values.Where(condition).Select(member => member.Address).ToList();
        var chosen = new List<string>(count);
        while (chosen.Count < count && candidates.Count > 0)
        {
            var place = prng.Next(candidates.Count);
            chosen.Add(candidates[place]);
            candidates.RemoveAt(place);
        }

        return chosen;
    }

    public bool Contains(string address) => _members.ContainsKey(address);

    /// <summary>Whether there is a member that is up or suspect.</summary>
    public bool IsLive(string address) => _members.TryGetValue(address, out var member) && member.State != MemberState.Down;

    /// <summary>Whether the last life known at the address has left gracefully.</summary>
    public bool HasLeft(string address) =>
        !Contains(address) && _removed.TryGet(address, out var record) && record.Reason == LeaveReason.NodeLeft;

    /// <summary>
    /// SWIM §4.2 orders what is said of a member by (incarnation number, state). Deviation: precedence is (incarnation of the process,
    /// refutation, state), because SWIM's number starts anew with each process, so that a restarted node could lose against its own past.
    /// </summary>
    public Claim Judge(NodeRecord claim)
    {
        var node = claim.Node;
        if (_removed.TryGet(node.Address, out var record)
            && record.Node.Incarnation == node.Incarnation
            && claim.Refutation <= record.Refutation)
        {
            return Claim.Removed;
        }

        if (HighestKnown(node.Address) is { } known && known > node.Incarnation)
        {
            return known.ProcessId == node.Incarnation.ProcessId ? Claim.Outdated : Claim.EarlierLife;
        }

        if (!_members.TryGetValue(node.Address, out var member)) return Claim.Newcomer;
        if (member.Node == node) return Claim.SameLife;
        return member.Node.Incarnation.ProcessId == node.Incarnation.ProcessId ? Claim.Renamed : Claim.LaterLife;
    }

    /// <summary>Takes up a record that nothing stands against. It comes from the node itself, so it is proof of life.</summary>
    public void Admit(NodeRecord record, Claim claim, MembershipStep step)
    {
        var address = record.Node.Address;
        switch (claim)
        {
            case Claim.SameLife:
                Confirm(_members[address], record, step);
                break;
            case Claim.Renamed:
                Rename(_members[address], record, step);
                break;
            case Claim.LaterLife:
                var superseded = _members[address];
                Forget(superseded);
                step.Emit(new MembershipEffect.NodeRemoved(superseded.Node, LeaveReason.NodeDown));
                AddNew(record, step);
                break;
            case Claim.Newcomer:
                AddNew(record, step);
                break;
            default:
                throw new InvariantViolationException($"{record.Node} was to be admitted as {claim}.");
        }
    }

    /// <summary>What a removed node or an earlier life is answered with.</summary>
    public MembershipMessage.RemovalNotice NoticeFor(string address)
    {
        if (_members.TryGetValue(address, out var member)) return new MembershipMessage.RemovalNotice(member.Node, 0);
        if (_removed.TryGet(address, out var record)) return new MembershipMessage.RemovalNotice(record.Node, record.Refutation);
        throw new InvariantViolationException($"{address} was to be sent a notice, but nothing is known of it.");
    }

    /// <summary>The counter that a node must be above to be the latest life at its address; 0 if it is.</summary>
    public ulong CounterAbove(NodeId node)
    {
        if (HighestKnown(node.Address) is not { } known || known <= node.Incarnation) return 0;

        // A process that we know under a higher counter shall take that one again, not a still higher one.
        return known.ProcessId == node.Incarnation.ProcessId ? known.Counter - 1 : known.Counter;
    }

    /// <summary>
    /// Whether hearsay names a node worth a greeting: not a member, and not the life that has left. An earlier life than the one that was
    /// removed is, because it may be a later one whose clock went back, and has not been told.
    /// </summary>
    public bool IsNews(NodeId node) =>
        !Contains(node.Address)
        && !(_removed.TryGet(node.Address, out var record) && record.Node == node && record.Reason == LeaveReason.NodeLeft);

    /// <summary>
    /// SWIM §4.2: that a node lives overrides every doubt of it at a lower number, and none at the same one. Deviation: it overrides a
    /// confirmed failure too, because nothing was purged yet, and no operator shall have to restart the node.
    /// </summary>
    public void HearAlive(Member member, ulong refutation, MembershipStep step)
    {
        if (refutation <= member.Record.Refutation) return;
        member.Record = member.Record with { Refutation = refutation };
        updates.Add(AliveUpdate(member));
        ShowAlive(member, step);
    }

    /// <summary>The member is up, at that refutation, and now it is doubted.</summary>
    public void Suspect(Member member, Suspicion suspicion, MembershipStep step)
    {
        Change(member, MemberState.Suspect, suspicion, step);
        updates.Add(member.Doubt!);
        step.Emit(new MembershipEffect.NodeSuspected(member.Node));
    }

    /// <summary>
    /// SWIM §4.2: that a suspicion was not refuted in time overrides what was said at the same number or a lower one. Deviation: the paper
    /// removes the member; here its presences are only hidden, and a higher number brings it back.
    /// </summary>
    public void HearDown(Member member, ulong refutation, MembershipStep step)
    {
        var known = member.Record.Refutation;
        if (refutation < known || (refutation == known && member.State == MemberState.Down)) return;

        member.Record = member.Record with { Refutation = refutation };
        if (member.State != MemberState.Down)
        {
            Change(member, MemberState.Down, suspicion: null, step);
            step.Emit(new MembershipEffect.NodeDown(member.Node));
        }

        updates.Add(member.Doubt!);
    }

    /// <summary>Removes who was down for too long; it may refute that.</summary>
    public void RemoveOverdue(MembershipStep step)
    {
        foreach (var member in _members.Values.Where(member => member.State == MemberState.Down).ToArray())
        {
            if (step.Now - member.Since < options.RemovedAfter) continue;

            Forget(member);
            _removed.Add(new RemovalRecord(member.Node, member.Record.Refutation, LeaveReason.NodeDown, step.Now));
            step.Emit(new MembershipEffect.NodeRemoved(member.Node, LeaveReason.NodeDown));
        }
    }

    /// <summary>Removes a node that says that it leaves, and any life before it.</summary>
    public void Leave(NodeId node, MembershipStep step)
    {
        // What is known of no address may say goodbye, but gets no record: else anybody could fill the records.
        if (HighestKnown(node.Address) is not { } known || known > node.Incarnation) return;

        _removed.Add(new RemovalRecord(node, RemovalRecord.NeverAgain, LeaveReason.NodeLeft, step.Now));
        if (_members.TryGetValue(node.Address, out var member))
        {
            Forget(member);
            updates.Add(new MemberUpdate(node, 0, UpdateKind.Left));
            var isSameProcess = member.Node.Incarnation.ProcessId == node.Incarnation.ProcessId;
            step.Emit(new MembershipEffect.NodeRemoved(member.Node, isSameProcess ? LeaveReason.NodeLeft : LeaveReason.NodeDown));
        }
    }

    /// <summary>Removes a life that the cluster around the tracker has removed, under whichever counter: it never comes back.</summary>
    public void Expel(ClusterMember expelled, LeaveReason reason, MembershipStep step)
    {
        if (!_members.TryGetValue(expelled.Address, out var member) || Admission.UidOf(member.Node) != expelled.Uid) return;

        Forget(member);
        _removed.Add(new RemovalRecord(member.Node, RemovalRecord.NeverAgain, reason, step.Now));
        step.Emit(new MembershipEffect.NodeRemoved(member.Node, reason));
    }

    /// <summary>What a node is told again that speaks of one that has left; null if none has at that address.</summary>
    public MemberUpdate? LeaveAt(string address) =>
        HasLeft(address) && _removed.TryGet(address, out var record) ? new MemberUpdate(record.Node, 0, UpdateKind.Left) : null;

    public void Shift(TimeSpan pause, MonotonicTime now, MonotonicTime notBefore)
    {
        foreach (var member in _members.Values)
        {
            member.Shift(pause, now, notBefore);
        }
    }

    public void ExpireRemovals(MonotonicTime now) => _removed.Expire(now);

    /// <summary>By rising address.</summary>
    public IReadOnlyList<MemberView> Views()
    {
        var views = new List<MemberView>(_members.Count + _removed.Count);
        foreach (var member in _members.Values)
        {
            views.Add(new MemberView(member.Node, member.Record.Refutation, member.State, member.Since));
        }

        foreach (var record in _removed.All)
        {
            if (!Contains(record.Node.Address))
            {
                views.Add(new MemberView(record.Node, record.Refutation, MemberState.Removed, record.At));
            }
        }

        views.Sort((left, right) => string.CompareOrdinal(left.Node.Address, right.Node.Address));
        return views;
    }

    // Deviation: SWIM §4.2 knows no exception for what a member says itself, and here is none either: who is held as suspect or down and
    // speaks at the refutation that is doubted is told so, and is up again once it has raised it.
    private void Confirm(Member member, NodeRecord record, MembershipStep step)
    {
        RaiseEpochs(member, record, step);
        HearAlive(member, record.Refutation, step);
    }

    private void Rename(Member member, NodeRecord record, MembershipStep step)
    {
        var old = member.Node;
        member.Record = record;
        step.Emit(new MembershipEffect.NodeRenamed(old, record));
        updates.Add(AliveUpdate(member));
        ShowAlive(member, step);
    }

    private static void RaiseEpochs(Member member, NodeRecord record, MembershipStep step)
    {
        if (record.Epochs.IsEmpty) return;

        var epochs = new EpochMap(member.Record.Epochs);
        foreach (var epoch in record.Epochs)
        {
            if (epochs.Raise(epoch)) step.Emit(new MembershipEffect.EpochRaised(member.Node, epoch));
        }

        member.Record = member.Record with { Epochs = epochs.ToImmutable() };
    }

    private void ShowAlive(Member member, MembershipStep step)
    {
        var before = member.State;
        if (before == MemberState.Up) return;

        Change(member, MemberState.Up, suspicion: null, step);
        step.Emit(before == MemberState.Down
            ? new MembershipEffect.NodeReturned(member.Record)
            : new MembershipEffect.NodeTrusted(member.Node));
    }

    private void AddNew(NodeRecord record, MembershipStep step)
    {
        var member = new Member(record, step.Now);
        _members.Add(record.Node.Address, member);
        LiveNodes++;
        HasEverHadOne = true;
        updates.Add(AliveUpdate(member));
        step.Emit(new MembershipEffect.NodeUp(record));
    }

    private void Change(Member member, MemberState state, Suspicion? suspicion, MembershipStep step)
    {
        LiveNodes += (state == MemberState.Down ? 0 : 1) - (member.State == MemberState.Down ? 0 : 1);
        member.ChangeTo(state, suspicion, step.Now);
    }

    private void Forget(Member member)
    {
        _members.Remove(member.Address);
        LiveNodes -= member.State == MemberState.Down ? 0 : 1;
    }

    private static MemberUpdate AliveUpdate(Member member) => new(member.Node, member.Record.Refutation, UpdateKind.Alive);

    private Incarnation? HighestKnown(string address)
    {
        Incarnation? known = _members.TryGetValue(address, out var member) ? member.Node.Incarnation : null;
        return _removed.TryGet(address, out var record) && (known is null || record.Node.Incarnation > known)
            ? record.Node.Incarnation
            : known;
    }
}
