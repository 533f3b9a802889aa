using Akka.Actor;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Reading;

namespace PresenceTracker.Actors;

/// <summary>Carries out what callers of this node ask of a shard, and keeps the owner watch informed.</summary>
internal sealed class ShardWrites(NodeRuntime runtime, PresenceSet set, ShardView view, ShardPeers peers)
{
    /// <returns>What completes the command, to be called once its changes are published; null if there is nothing to complete.</returns>
    public Action? Handle(ShardCommand command, MonotonicTime now)
    {
        switch (command)
        {
            case ShardCommand.Track track:
                var tracked = Track(track.Id, track.Owner, track.Meta, track.LeaveGrace, track.OrUpdate);
                return () => track.Completion.TrySetResult(tracked);

            case ShardCommand.TrackMany many:
                var results = many.Requests
                    .Select(request => Track(
                        new PresenceId(request.Topic, request.Key, request.Owner.Id), request.Owner, request.Meta,
                        request.LeaveGrace ?? TimeSpan.Zero, many.OrUpdate))
                    .ToArray();
                return () => many.Completion.TrySetResult(results);

            case ShardCommand.Update update:
                var updated = Update(update.Id, update.Meta, update.ExpectedRef);
                return () => update.Completion.TrySetResult(updated);

            case ShardCommand.Untrack untrack:
                var untracked = Untrack(untrack.Id, untrack.Cause);
                return () => untrack.Completion.TrySetResult(untracked);

            case ShardCommand.UntrackMany many:
                var ended = many.Ids.Select(id => Untrack(id, many.Cause)).ToArray();
                return () => many.Completion?.TrySetResult(ended);

            case ShardCommand.Disconnect disconnect:
                foreach (var id in disconnect.Ids)
                {
                    Disconnect(id, now);
                }

                return null;

            case ShardCommand.Subscribe subscribe:
                return () => peers.Publisher.Tell(
                    new DiffPublisher.Subscribed(subscribe.Subscription, view.Topic(subscribe.Subscription.Topic)));

            default:
                throw new InvalidOperationException($"{command.GetType().Name} is no command of a shard");
        }
    }

    /// <summary>Lists presences of the epoch before again; no news to the owner watch, which sent them.</summary>
    public void Replay(ReplayBatch batch, MonotonicTime now)
    {
        foreach (var presence in batch.Presences)
        {
            var id = new PresenceId(presence.Topic, presence.Key, presence.Owner);
            set.Track(id, presence.Ref, presence.Meta, presence.LeaveGrace);
        }

        foreach (var id in batch.Disconnected)
        {
            Disconnect(id, now);
        }
    }

    /// <summary>After a turn: holds that ended in it.</summary>
    public void Ended(Turn turn)
    {
        foreach (var id in turn.OwnEnded)
        {
            peers.OwnerWatch.Tell(new OwnerMessage.Untracked(id));
        }
    }

    private TrackResult Track(PresenceId id, Owner owner, Meta meta, TimeSpan leaveGrace, bool orUpdate)
    {
        var result = set.Track(id, runtime.Refs.Next(), meta, leaveGrace);
        if (result.Status == TrackStatus.AlreadyTracked && orUpdate)
        {
            result = set.Update(id, runtime.Refs.Next(), meta);
        }

        // Told even if nothing changed: the owner may renew a lease by it.
        peers.OwnerWatch.Tell(new OwnerMessage.Tracked(owner, set.Own(id)!));
        return result;
    }

    private TrackResult Update(PresenceId id, Meta meta, string? expectedRef)
    {
        var result = set.Update(id, runtime.Refs.Next(), meta, expectedRef);
        if (result.Status == TrackStatus.Updated)
        {
            peers.OwnerWatch.Tell(new OwnerMessage.Updated(set.Own(id)!));
        }

        return result;
    }

    private TrackResult Untrack(PresenceId id, RemovalCause cause)
    {
        var result = set.Untrack(id, cause);
        peers.OwnerWatch.Tell(new OwnerMessage.Untracked(id));
        return result;
    }

    private void Disconnect(PresenceId id, MonotonicTime now)
    {
        if (set.Disconnect(id, now).Status != TrackStatus.Tracked)
        {
            peers.OwnerWatch.Tell(new OwnerMessage.Untracked(id));
        }
    }
}
