using Akka.Actor;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Actors;

/// <summary>
/// Knows what every local presence hangs on: watches owner actors, counts down leases, hears of broken connections, and ends presences with
/// their owners. Gives a crashed shard its local presences back. Owners are watched, never linked: no crash here can end one.
/// </summary>
internal sealed class OwnerWatchActor : ReceiveActor, IWithTimers
{
    // A batch is one turn of the shard; small enough that other messages are not kept waiting.
    private const int BatchMax = 1_000;

    private readonly NodeRuntime _runtime;
    private readonly OwnedPresences _owned;
    private readonly LeaseDeadlines _leases = new();
    private MonotonicTime? _leaseDue;

    public OwnerWatchActor(NodeRuntime runtime)
    {
        _runtime = runtime;
        _owned = new OwnedPresences(runtime.Settings.ShardCount);
        Receive<OwnerMessage.Tracked>(Put);
        Receive<OwnerMessage.Updated>(Update);
        Receive<OwnerMessage.Untracked>(untracked => Remove(untracked.Id));
        Receive<OwnerMessage.ReplayRequested>(request => Replay(request.Shard, request.Epoch));
        Receive<OwnerMessage.ConnectionLost>(lost => Disconnect(_owned.Of(new Owner.ConnectionOwner(lost.ConnectionId), lost.Shard)));
        Receive<OwnerMessage.UntrackOwner>(UntrackOwner);
        Receive<Terminated>(terminated => EndOf(terminated.ActorRef));
        Receive<LeaseDue>(_ => ExpireLeases());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private MonotonicTime Now => new(Context.System.Scheduler.MonotonicClock.Ticks);

    private void Put(OwnerMessage.Tracked tracked)
    {
        var owned = _owned.Put(tracked.Owner, tracked.Presence);
        owned.IsDisconnected = false;
        switch (tracked.Owner)
        {
            case Owner.ActorOwner actor:
                // Each time, not only the first: an actor that has ended meanwhile is told of again, and so ends this presence too.
                Context.Watch(actor.Ref);
                break;
            case Owner.LeaseOwner lease:
                // An end that was asked for before the renewal was heard of does not end it: the shard knows the renewal.
                owned.IsEnding = false;
                owned.Renewal = tracked.Renewal;
                _leases.Set(owned, Now + lease.Duration);
                ScheduleLeases();
                break;
            default:
                break;
        }
    }

    private void Update(OwnerMessage.Updated updated)
    {
        if (_owned.Get(updated.Presence.Id) is { } owned)
        {
            owned.Presence = updated.Presence;
        }
    }

    private void Remove(PresenceId id)
    {
        if (_owned.Remove(id, out var isLast) is not { } owned)
        {
            return;
        }

        _leases.Remove(owned);
        if (isLast && owned.Owner is Owner.ActorOwner actor)
        {
            Context.Unwatch(actor.Ref);
        }
    }

    private void Replay(int shard, int epoch)
    {
        var lost = _owned.All.Where(owned => ShardOf(owned.Presence.Topic) == shard).ToLookup(owned => owned.IsEnding);
        foreach (var ending in lost[true])
        {
            // Its end was asked of the epoch that crashed; it must not come back.
            Remove(ending.Presence.Id);
        }

        var batches = lost[false].Chunk(BatchMax).ToList();
        for (var i = 0; i < Math.Max(1, batches.Count); i++)
        {
            var batch = batches.Count == 0 ? [] : batches[i];
            Shards[shard].Tell(new ReplicationInput.Replayed(
                epoch,
                [.. batch.Select(owned => owned.Replay())],
                [.. batch.Where(owned => owned.IsDisconnected).Select(owned => owned.Presence.Id)],
                IsLast: i >= batches.Count - 1));
        }
    }

    private void Disconnect(IReadOnlyCollection<PresenceId> ids)
    {
        foreach (var id in ids)
        {
            _owned.Get(id)!.IsDisconnected = true;
        }

        ForEachShard(ids, (shard, batch) => shard.Tell(new ShardCommand.Disconnect(batch)));
    }

    private void UntrackOwner(OwnerMessage.UntrackOwner request)
    {
        var ids = _owned.Of(request.Owner, request.Shard);
        var pending = new List<Task>();
        ForEachShard(ids, (shard, batch) =>
        {
            var completion = new TaskCompletionSource<IReadOnlyList<TrackResult>>(TaskCreationOptions.RunContinuationsAsynchronously);
            pending.Add(completion.Task);
            shard.Tell(new ShardCommand.UntrackMany(batch, RemovalCause.Untracked, EndsLeases: false, completion));
        });
        var count = ids.Count;
        Task.WhenAll(pending).ContinueWith(
            all =>
            {
                if (all.Exception is { } fault)
                {
                    request.Completion.TrySetException(fault.InnerExceptions);
                }
                else
                {
                    request.Completion.TrySetResult(count);
                }
            },
            TaskScheduler.Default);
    }

    private void ExpireLeases()
    {
        _leaseDue = null;
        var expired = _leases.TakeExpired(Now);
        Ending(expired);
        ForEachShard(expired, (shard, batch) =>
            shard.Tell(new ShardCommand.ExpireLeases([.. batch.Select(id => (id, _owned.Get(id)!.Renewal))])));
        ScheduleLeases();
    }

    private void EndOf(IActorRef actor)
    {
        var ids = _owned.Of(new Owner.ActorOwner(actor));
        Ending(ids);
        ForEachShard(ids, (shard, batch) =>
            shard.Tell(new ShardCommand.UntrackMany(batch, RemovalCause.OwnerDied, EndsLeases: false, Completion: null)));
    }

    private void Ending(IEnumerable<PresenceId> ids)
    {
        foreach (var id in ids)
        {
            _owned.Get(id)!.IsEnding = true;
        }
    }

    private void ForEachShard(IReadOnlyCollection<PresenceId> ids, Action<IActorRef, IReadOnlyList<PresenceId>> tell)
    {
        foreach (var ofShard in ids.GroupBy(id => ShardOf(id.Topic)).ToList())
        {
            foreach (var batch in ofShard.Chunk(BatchMax))
            {
                tell(Shards[ofShard.Key], batch);
            }
        }
    }

    private void ScheduleLeases()
    {
        if (_leases.Next is { } next && (_leaseDue is null || next < _leaseDue))
        {
            _leaseDue = next;
            var after = next - Now;
            Timers.StartSingleTimer(nameof(LeaseDue), new LeaseDue(), after < TimeSpan.Zero ? TimeSpan.Zero : after);
        }
    }

    private int ShardOf(string topic) => StableHash.ShardOf(topic, _runtime.Settings.ShardCount);

    // Nothing owns a presence before the shards have started.
    private IReadOnlyList<IActorRef> Shards => _runtime.Shards.Result;

    private sealed record LeaseDue;
}
