using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>Knows what each local presence hangs on, ends it with its owner and gives a crashed shard its presences back, as <c>OwnerWatchActor</c> does.</summary>
internal sealed class SimulatedOwnerWatch(SimulatedNode node) : SimulatedActor(node, ActorName.OwnerWatch)
{
    private readonly SortedDictionary<PresenceId, Owned> _owned = new(PresenceIdOrder.Instance);
    private ulong _lastRenewal;

    protected override void Receive(object message)
    {
        switch (message)
        {
            case OwnerMessage.Tracked tracked:
                Put(tracked.Owner, tracked.Presence);
                break;
            case OwnerMessage.Updated updated:
                if (_owned.TryGetValue(updated.Presence.Id, out var known))
                {
                    known.Presence = updated.Presence;
                }

                break;
            case OwnerMessage.Untracked untracked:
                Remove(untracked.Id);
                break;
            case OwnerMessage.ReplayRequested request:
                Replay(request.Shard, request.Epoch);
                break;
            case OwnerMessage.ConnectionLost lost:
                Disconnect(lost.Owner);
                break;
            case OwnerMessage.ActorStopped stopped:
                End([.. IdsOf(stopped.Owner)], RemovalCause.OwnerDied);
                break;
            case OwnerMessage.LeaseDue due:
                if (_owned.TryGetValue(due.Id, out var leased) && leased.Renewal == due.Renewal)
                {
                    End([due.Id], RemovalCause.LeaseExpired);
                }

                break;
            default:
                throw new InvalidOperationException($"{message} is nothing for an owner watch");
        }
    }

    private void Put(SimulatedOwner owner, Presence presence)
    {
        if (!_owned.TryGetValue(presence.Id, out var owned))
        {
            _owned[presence.Id] = owned = new Owned(owner, presence);
        }

        owned.Presence = presence;
        owned.IsDisconnected = false;
        owned.IsRevived = owned.IsEnding && owner.Kind == OwnerKind.Lease;
        if (owner.Kind == OwnerKind.Lease)
        {
            owned.Renewal = ++_lastRenewal;
            Node.Schedule(Name, owner.Lease, new OwnerMessage.LeaseDue(presence.Id, _lastRenewal));
        }
        else if (owner.Kind == OwnerKind.Actor && Node.HasStopped(owner))
        {
            // To watch an actor that has stopped is to be told so.
            Tell(Name, new OwnerMessage.ActorStopped(owner));
        }
    }

    private void Remove(PresenceId id)
    {
        if (!_owned.Remove(id, out var owned) || !owned.IsRevived)
        {
            return;
        }

        var presence = owned.Presence;
        Tell(ShardOf(id), new ShardRequest(
            [new WriteOperation.Track(id, Node.NextRef(), presence.Meta, presence.LeaveGrace, OrUpdate: false, IsLease: true)], owned.Owner, Completed: null));
    }

    private void Replay(int shard, int epoch)
    {
        var lost = _owned.Values.Where(owned => ShardOf(owned.Presence.Id) == ActorName.Shard0 + shard).ToList();
        foreach (var ending in lost.Where(owned => owned.IsEnding).ToList())
        {
            // Its end was asked of the epoch that crashed; it must not come back.
            lost.Remove(ending);
            Node.Cluster.Truth.Ended(Node, ending.Presence.Id);
            Remove(ending.Presence.Id);
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

    private void End(List<PresenceId> ids, RemovalCause cause)
    {
        foreach (var id in ids)
        {
            _owned[id].IsEnding = true;
        }

        Tell(ids, id => new WriteOperation.Untrack(id, cause));
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

        public ulong Renewal { get; set; }

        public bool IsDisconnected { get; set; }

        public bool IsEnding { get; set; }

        public bool IsRevived { get; set; }
    }
}
