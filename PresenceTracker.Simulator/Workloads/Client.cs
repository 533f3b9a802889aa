using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Workloads;

/// <summary>
/// Somebody who tracks one or more keys of one topic through one node. Asks one thing at a time, and asks again what a crash has lost, so
/// that what must be visible of it is always known when it waits for nothing.
/// </summary>
internal sealed class Client(SimulatedNode node, SimulatedOwner owner, ImmutableArray<PresenceId> ids, TimeSpan leaveGrace)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);

    private readonly SortedDictionary<PresenceId, Meta> _live = new(PresenceIdOrder.Instance);

    public SimulatedOwner Owner { get; } = owner;

    public bool IsBusy { get; private set; }

    /// <summary>Whether all that it waits for is a renewal, which changes nothing.</summary>
    public bool IsRenewing { get; private set; }

    /// <summary>Whether its owner is gone: nothing of it may stay.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>What must be visible of it once it is not busy.</summary>
    public IReadOnlyDictionary<PresenceId, Meta> Live => _live;

    public bool IsTracked => _live.Count > 0;

    public void TrackAll(Func<Meta> meta)
    {
        var metas = ids.Select(_ => meta()).ToList();
        Ask(
            () => [.. ids.Select((id, i) => Track(id, metas[i], orUpdate: true))],
            results =>
            {
                for (var i = 0; i < ids.Length; i++)
                {
                    _live[ids[i]] = results[i].Presence!.Meta;
                }
            });
    }

    public void Update(PresenceId id, Meta meta) => Ask(
        () => Owner.Kind == OwnerKind.Lease
            ? [Track(id, meta, orUpdate: true)]
            : [new WriteOperation.Update(id, node.NextRef(), meta, ExpectedRef: null)],
        results =>
        {
            if (results[0].Presence is { } presence)
            {
                _live[id] = presence.Meta;
            }
        });

    public void UntrackAll() => Ask(
        () => [.. ids.Select(id => new WriteOperation.Untrack(id, RemovalCause.Untracked))],
        _ => _live.Clear());

    /// <summary>A lease says again that all of it is there.</summary>
    public void Renew()
    {
        IsRenewing = true;
        Ask(
            () => [.. _live.Select(entry => Track(entry.Key, entry.Value, orUpdate: false))],
            _ => IsRenewing = false);
    }

    /// <summary>The owner is gone, whatever is under way.</summary>
    public void End()
    {
        IsEnded = true;
        switch (Owner.Kind)
        {
            case OwnerKind.Actor:
                node.Stopped(Owner);
                node.Tell(ActorName.OwnerWatch, new OwnerMessage.ActorStopped(Owner));
                break;
            case OwnerKind.Connection:
                node.Tell(ActorName.OwnerWatch, new OwnerMessage.ConnectionLost(Owner));
                break;
            default:
                // A lease just is not renewed.
                break;
        }
    }

    private WriteOperation.Track Track(PresenceId id, Meta meta, bool orUpdate) =>
        new(id, node.NextRef(), meta, leaveGrace, orUpdate, IsLease: Owner.Kind == OwnerKind.Lease);

    private void Ask(Func<ImmutableArray<WriteOperation>> operations, Action<ImmutableArray<WriteResult>> completed)
    {
        IsBusy = true;
        var shard = ActorName.Shard0 + StableHash.ShardOf(ids[0].Topic, node.Options.Shards);
        node.Tell(shard, new ShardRequest(operations(), Owner, results =>
        {
            if (results is { } done)
            {
                IsBusy = false;
                completed(done);
            }
            else if (!IsEnded)
            {
                node.Schedule(RetryAfter, () => Ask(operations, completed));
            }
        }));
    }
}
