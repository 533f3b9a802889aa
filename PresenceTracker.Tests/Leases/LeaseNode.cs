using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Tests.Leases;

/// <summary>
/// One node of a world of leases: its lease core, the presence set of its only shard, and what the shells around them do, in the simplest way.
/// </summary>
internal sealed class LeaseNode
{
    private const int Shard = 0;

    private readonly LeaseWorld _world;
    private readonly TimeSpan _started;
    private readonly LeaseCore _core = new(new LeaseOptions(), firstToken: 1);
    private readonly Dictionary<ulong, Action<ImmutableArray<TrackResult>>> _asked = [];
    private readonly SortedSet<string> _down = new(StringComparer.Ordinal);
    private OwnLeases _leases;
    private TopicView _view = TopicView.Empty(LeaseWorld.Lease.Topic);
    private Presence? _owned;
    private MonotonicTime _deadline;
    private ulong _pushedTo;
    private ulong _asks;
    private ulong _writes;

    public LeaseNode(LeaseWorld world, string address, ulong counter)
    {
        _world = world;
        _started = TimeSpan.FromSeconds(counter);
        Record = new NodeRecord(new NodeId(address, new Incarnation(counter, counter)), 1, []);
        Set = new PresenceSet(Record.ReplicaOf(Shard), new PresenceSetOptions());
        _leases = new OwnLeases(Set, new ReplicationOptions());
    }

    public NodeRecord Record { get; private set; }

    /// <summary>What its own clock shows: every node has started at another time.</summary>
    public MonotonicTime Clock => _world.Now + _started;

    public NodeId Id => Record.Node;

    public PresenceSet Set { get; private set; }

    /// <summary>What a subscriber of the topic was told.</summary>
    public List<PresenceEvent> Told { get; } = [];

    public IReadOnlyCollection<Presence> Listed => _view;

    public void Meet(LeaseNode other)
    {
        Set.NodeUp(other.Record);
        Handle(new LeaseInput.PeerUp(other.Id));
    }

    public void Renew(Action<TrackStatus>? settled = null)
    {
        if (Holder() is not { } holder)
        {
            Track(settled);
            return;
        }

        Ask(holder, LeaseCall.Renewal(LeaseWorld.Lease, LeaseWorld.Duration, meta: null), result =>
        {
            if (result is { Status: not TrackStatus.NotTracked } renewed)
            {
                settled?.Invoke(renewed.Status);
                return;
            }

            Track(settled);
        });
    }

    public void End(Action<TrackStatus>? settled = null)
    {
        var here = _leases.End(new WriteOperation.EndLease(LeaseWorld.Lease), Clock);
        _owned = here.Status == TrackStatus.Untracked ? null : _owned;
        CompleteTurn();
        var elsewhere = _view.GetByKey(LeaseWorld.Lease.Key).Where(presence => presence.Node != Id).ToList();
        if (elsewhere.Count == 0)
        {
            settled?.Invoke(here.Status);
            return;
        }

        List<TrackStatus> statuses = [];
        foreach (var presence in elsewhere)
        {
            Ask(presence.Node, LeaseCall.End(LeaseWorld.Lease), result =>
            {
                statuses.Add(result?.Status ?? TrackStatus.Unanswered);
                if (statuses.Count == elsewhere.Count)
                {
                    settled?.Invoke(Combine([here.Status, .. statuses]));
                }
            });
        }
    }

    public void Handle(LeaseInput input)
    {
        List<LeaseEffect> effects = [];
        _core.Handle(input, Clock, effects);
        foreach (var effect in effects)
        {
            Carry(effect);
        }
    }

    public void Apply(Dots dots)
    {
        Set.Apply(dots);
        CompleteTurn();
    }

    public void CompleteTurn()
    {
        while (Set.HasWalks)
        {
            Set.RunWalks(_world.Now);
        }

        var turn = Set.CompleteTurn();
        _owned = turn.OwnEnded.IsEmpty ? _owned : null;
        List<ReplicationEffect> effects = [];
        _leases.TurnCompleted(turn, Clock, effects);
        effects.ForEach(Carry);
        foreach (var diff in turn.Diffs)
        {
            Told.AddRange(diff.Events);
            _view = diff.After;
        }

        foreach (var part in Set.OwnOperationsAfter(_pushedTo))
        {
            _world.ToAll(this, other => other.Apply(part));
        }

        _pushedTo = Set.Context;
    }

    /// <summary>What the owner watch does when the lease runs out.</summary>
    public void ExpireIfDue()
    {
        if (_owned is not null && _deadline <= _world.Now)
        {
            _owned = null;
            Set.Untrack(LeaseWorld.Lease, RemovalCause.LeaseExpired);
            CompleteTurn();
        }
    }

    /// <summary>The shard crashes and gets back what the owner watch holds.</summary>
    public void Crash()
    {
        var epoch = Set.Self.Epoch + 1;
        Record = Record with { Epochs = [new ShardEpoch(Shard, epoch, _owned is null ? 0UL : 1)] };
        Set = new PresenceSet(Record.ReplicaOf(Shard), new PresenceSetOptions(), _view.Version);
        _leases = new OwnLeases(Set, new ReplicationOptions());
        _pushedTo = 0;
        var before = _view;
        if (_owned is { } owned)
        {
            _leases.Replay(owned, Clock);
        }

        foreach (var other in _world.Nodes.Where(other => other != this && !_down.Contains(other.Id.Address)))
        {
            Set.NodeUp(other.Record);
        }

        CompleteTurn();
        if (before.MetaCount > 0 && Set.Own(LeaseWorld.Lease) is null)
        {
            // Of others; they come back by the next pulls.
            _view = TopicView.Empty(before.Topic, before.Version);
        }

        _world.ToAll(this, other => other.Hear(Record));
    }

    /// <summary>The newest word of another node, which may be old news.</summary>
    public void Hear(NodeRecord record)
    {
        if (_down.Remove(record.Node.Address))
        {
            Set.NodeReturned(record);
            Handle(new LeaseInput.PeerUp(record.Node));
            List<ReplicationEffect> effects = [];
            _leases.HolderReturned(record.Node, Clock, effects);
            effects.ForEach(Carry);
            _world.At(TimeSpan.FromSeconds(1), () =>
            {
                Set.ShowReturned(record.Node);
                CompleteTurn();
            });
        }
        else if (!record.Epochs.IsEmpty)
        {
            Set.EpochRaised(record.Node, record.Epochs[0]);
        }

        CompleteTurn();
    }

    public void GiveUp(LeaseNode other)
    {
        if (_down.Add(other.Id.Address))
        {
            Set.NodeDown(other.Id, _world.Now);
            Handle(new LeaseInput.PeerGone(other.Id));
            CompleteTurn();
        }
    }

    public void PullFrom(LeaseNode other)
    {
        foreach (var replica in Set.LiveReplicas.Where(replica => replica != Set.Self).ToList())
        {
            var position = Set.PositionOf(replica)!.Value;
            _world.To(this, other, () =>
            {
                foreach (var part in other.Set.Serve(replica, position, partsMax: 4))
                {
                    _world.To(other, this, () => Apply(part));
                }
            });
        }
    }

    public override string ToString() =>
        $"{Id.Address} lists {string.Join(", ", Listed.Select(presence => $"{presence} of term {presence.Term}"))}";

    private static TrackStatus Combine(List<TrackStatus> statuses) =>
        statuses.Contains(TrackStatus.Unanswered) ? TrackStatus.Unanswered
        : statuses.Contains(TrackStatus.Untracked) ? TrackStatus.Untracked
        : TrackStatus.NotTracked;

    private NodeId? Holder()
    {
        var listed = _view.GetByKey(LeaseWorld.Lease.Key);
        return listed.Any(presence => presence.Node == Id) || listed.Count == 0
            ? null
            : listed.Aggregate((newest, next) => next.IsNewerThan(newest) ? next : newest)!.Node;
    }

    private void Track(Action<TrackStatus>? settled)
    {
        var result = _leases.Track(
            new WriteOperation.Track(LeaseWorld.Lease, _world.NextRef(), Meta.Empty, TimeSpan.Zero, OrUpdate: false, IsLease: true),
            ++_writes, Clock);
        Renewed();
        CompleteTurn();
        settled?.Invoke(result.Status);
    }

    private void Renewed()
    {
        _owned = Set.Own(LeaseWorld.Lease);
        _deadline = _world.Now + LeaseWorld.Duration;
        _world.At(LeaseWorld.Duration, ExpireIfDue);
    }

    private void Ask(NodeId holder, LeaseCall call, Action<TrackResult?> settled)
    {
        _asked[++_asks] = results => settled(results.IsDefault ? null : results[0]);
        Handle(new LeaseInput.Asked(_asks, holder, [call]));
    }

    private void Carry(LeaseEffect effect)
    {
        switch (effect)
        {
            case LeaseEffect.SendMessage(var to, var message):
                var from = Id;
                _world.To(this, _world.NodeAt(to), () => _world.NodeAt(to).Handle(new LeaseInput.MessageReceived(from, message)));
                break;
            case LeaseEffect.ScheduleTimer(var token, var after):
                _world.At(after, () => Handle(new LeaseInput.AnswerOverdue(token)));
                break;
            case LeaseEffect.Serve(var to, var token, var calls):
                Handle(new LeaseInput.Served(to, token, [.. calls.Select(Serve)]));
                break;
            case LeaseEffect.Settle(var number, _, var results):
                _asked.Remove(number, out var settled);
                settled!(results);
                break;
            case LeaseEffect.ForgetEnds(var ends):
                foreach (var end in ends)
                {
                    _leases.ForgetEnd(end);
                }

                break;
            case LeaseEffect.ReportViolation(LeaseViolation.NotAPeer, var sender) when _down.Contains(sender.Address):
                // What was under way from a node that was given up meanwhile: counted, and nothing else.
                break;
            default:
                throw new InvalidOperationException($"{Id.Address}: {effect}");
        }
    }

    private void Carry(ReplicationEffect effect)
    {
        var (holder, ends) = (ReplicationEffect.RepeatEnds)effect;
        Handle(new LeaseInput.RepeatEnds(holder, ends));
    }

    private TrackResult Serve(LeaseCall call)
    {
        var result = call switch
        {
            { IsEnd: false } => _leases.Renew(new WriteOperation.Renew(call.Id, _world.NextRef(), Meta: null), ++_writes, Clock),
            { UnrenewedSince: { } since } => _leases.EndAgain(new WriteOperation.EndLeaseAgain(call.Id, since)),
            _ => _leases.End(new WriteOperation.EndLease(call.Id), Clock),
        };
        if (!call.IsEnd && result.Status == TrackStatus.AlreadyTracked)
        {
            Renewed();
        }

        _owned = result.Status == TrackStatus.Untracked ? null : _owned;
        CompleteTurn();
        return result;
    }
}
