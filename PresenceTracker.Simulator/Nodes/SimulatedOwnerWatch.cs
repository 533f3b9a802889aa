using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>Knows what each local presence hangs on, ends it with its owner and gives a crashed shard its presences back, as <c>OwnerWatchActor</c> does.</summary>
internal sealed class SimulatedOwnerWatch(SimulatedNode node) : SimulatedActor(node, ActorName.OwnerWatch)
{
    private readonly SortedDictionary<PresenceId, Owned> _owned = new(PresenceIdOrder.Instance);
    private ulong _lastDeadline;

    protected override void Receive(object message)
    {
        switch (message)
        {
            case OwnerMessage.Tracked tracked:
                Put(tracked);
                break;
            case OwnerMessage.Updated updated:
                if (_owned.TryGetValue(updated.Presence.Id, out var known))
                {
                    known.Presence = updated.Presence;
                }

                break;
            case OwnerMessage.Untracked untracked:
                _owned.Remove(untracked.Id);
                break;
            case OwnerMessage.ReplayRequested request:
                Replay(request.Shard, request.Epoch);
                break;
            case OwnerMessage.ConnectionLost lost:
                Disconnect(lost.Owner);
                break;
            case OwnerMessage.ActorStopped stopped:
                End([.. IdsOf(stopped.Owner)], owned => new WriteOperation.Untrack(owned.Presence.Id, RemovalCause.OwnerDied));
                break;
            case OwnerMessage.LeaseDue due:
                if (_owned.TryGetValue(due.Id, out var leased) && leased.Deadline == due.Deadline)
                {
                    End([due.Id], owned => new WriteOperation.Expire(owned.Presence.Id, owned.Renewal));
                }

                break;
            default:
                throw new InvalidOperationException($"{message} is nothing for an owner watch");
        }
    }

    private void Put(OwnerMessage.Tracked tracked)
    {
        var (owner, presence, renewal) = tracked;
        if (!_owned.TryGetValue(presence.Id, out var owned))
        {
            _owned[presence.Id] = owned = new Owned(owner, presence);
        }

        owned.Presence = presence;
        owned.IsDisconnected = false;
        if (owner.Kind == OwnerKind.Lease)
        {
            // An end that was asked for before the renewal was heard of does not end it: the shard knows the renewal.
            owned.IsEnding = false;
            owned.Renewal = renewal;
            owned.Deadline = ++_lastDeadline;
            Node.Schedule(Name, owner.Lease, new OwnerMessage.LeaseDue(presence.Id, _lastDeadline));
        }
        else if (owner.Kind == OwnerKind.Actor && Node.HasStopped(owner))
        {
            // To watch an actor that has stopped is to be told so.
            Tell(Name, new OwnerMessage.ActorStopped(owner));
        }
    }

    private void Replay(int shard, int epoch)
    {
        var lost = _owned.Values.Where(owned => ShardOf(owned.Presence.Id) == ActorName.Shard0 + shard).ToList();
        foreach (var ending in lost.Where(owned => owned.IsEnding).ToList())
        {
            // Its end was asked of the epoch that crashed; it must not come back.
            lost.Remove(ending);
            Node.Cluster.Truth.Ended(Node, ending.Presence.Id);
            _owned.Remove(ending.Presence.Id);
        }

        foreach (var owned in lost)
        {
            // The next epoch counts renewals anew.
            owned.Renewal = 0;
        }

        Tell(ActorName.Shard0 + shard, new ReplicationInput.Replayed(
            epoch,
            [.. lost.Select(owned => owned.Presence)],
            [.. lost.Where(owned => owned.IsDisconnected).Select(owned => owned.Presence.Id)],
            IsLast: true));
    }

    private void Disconnect(SimulatedOwner owner)
    {
        var ids = IdsOf(owner).ToList();
        foreach (var id in ids)
        {
            _owned[id].IsDisconnected = true;
        }

        Tell(ids, id => new WriteOperation.Disconnect(id));
    }

    private void End(List<PresenceId> ids, Func<Owned, WriteOperation> operation)
    {
        foreach (var id in ids)
        {
            _owned[id].IsEnding = true;
        }

        Tell(ids, id => operation(_owned[id]));
    }

    private void Tell(List<PresenceId> ids, Func<PresenceId, WriteOperation> operation)
    {
        foreach (var ofShard in ids.GroupBy(ShardOf).OrderBy(group => group.Key))
        {
            Tell(ofShard.Key, new ShardRequest([.. ofShard.Select(operation)], Owner: null, Completed: null));
        }
    }

    private IEnumerable<PresenceId> IdsOf(SimulatedOwner owner) =>
        from owned in _owned.Values where owned.Owner.Id == owner.Id select owned.Presence.Id;

    private ActorName ShardOf(PresenceId id) => ActorName.Shard0 + StableHash.ShardOf(id.Topic, Node.Options.Shards);

    private sealed class Owned(SimulatedOwner owner, Presence presence)
    {
        public SimulatedOwner Owner { get; } = owner;

        public Presence Presence { get; set; } = presence;

        /// <summary>The last renewal that was heard of in the shard's epoch.</summary>
        public ulong Renewal { get; set; }

        /// <summary>Which of the timers of the lease counts.</summary>
        public ulong Deadline { get; set; }

        public bool IsDisconnected { get; set; }

        public bool IsEnding { get; set; }
    }
}
