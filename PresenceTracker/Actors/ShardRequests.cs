using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Reading;

namespace PresenceTracker.Actors;

/// <summary>
/// What callers of this node have asked of a shard and what has not been answered yet. Puts a request as the core takes it, and completes it
/// once its changes are published, keeping the owner watch informed.
/// </summary>
internal sealed class ShardRequests(NodeRuntime runtime, ShardView view, ShardPeers peers)
{
    private readonly Dictionary<ulong, ShardCommand> _pending = [];
    private ulong _lastToken;

    public ReplicationInput.Write Begin(ShardCommand command)
    {
        _pending.Add(++_lastToken, command);
        return new ReplicationInput.Write(_lastToken, OperationsOf(command), MayBeRefused(command));
    }

    public void Complete(ReplicationEffect.Written written)
    {
        if (!_pending.Remove(written.Token, out var command))
        {
            throw new InvalidOperationException($"the core has answered {written.Token}, which nobody has asked");
        }

        var results = written.Results;
        switch (command)
        {
            case ShardCommand.Track track:
                Tracked(track.Owner, results[0]);
                track.Completion.TrySetResult(results[0].Result);
                break;
            case ShardCommand.TrackMany many:
                for (var i = 0; i < results.Length; i++)
                {
                    Tracked(many.Requests[i].Owner, results[i]);
                }

                many.Completion.TrySetResult([.. results.Select(result => result.Result)]);
                break;
            case ShardCommand.Update update:
                if (results[0].Result.Status == TrackStatus.Updated)
                {
                    peers.OwnerWatch.Tell(new OwnerMessage.Updated(results[0].Presence!));
                }

                update.Completion.TrySetResult(results[0].Result);
                break;
            case ShardCommand.Untrack untrack:
                Ended(untrack.Id);
                untrack.Completion.TrySetResult(results[0].Result);
                break;
            case ShardCommand.UntrackMany many:
                foreach (var id in many.Ids)
                {
                    Ended(id);
                }

                many.Completion?.TrySetResult([.. results.Select(result => result.Result)]);
                break;
            case ShardCommand.ExpireLeases expired:
                EndGone(expired.Leases.Select(lease => lease.Id), results);
                break;
            case ShardCommand.CallLeases leases:
                foreach (var (call, result) in leases.Calls.Zip(results))
                {
                    Called(call, result);
                }

                leases.Completion.TrySetResult([.. results.Select(result => result.Result)]);
                break;
            case ShardCommand.Disconnect disconnect:
                EndGone(disconnect.Ids, results);
                break;
            case ShardCommand.AboutOwner about:
                about.Deliver();
                break;
            case ShardCommand.Subscribe or ShardCommand.SubscribeAll:
                peers.Publisher.Tell(StateFor(command));
                break;
        }
    }

    /// <summary>So many operations wait for the epoch that these may not.</summary>
    public void Refuse(ulong token, int waitingMax)
    {
        _pending.Remove(token, out var command);
        var max = waitingMax.ToString(CultureInfo.InvariantCulture);
        command!.Fail(new LimitExceededException(
            "waiting-writes", $"more than {max} at one time", $"at most {max} that wait for a shard that starts anew",
            option: LimitExceededException.CallLater)
        {
            IsTemporary = true,
        });
    }

    /// <summary>The epoch is over, and what was not answered will not be.</summary>
    public void Fail(int shard, Exception? cause)
    {
        foreach (var command in _pending.Values)
        {
            command.Fail(new ShardUnavailableException(shard, cause));
        }

        _pending.Clear();
    }

    /// <summary>Nothing hangs on the owner of that presence any more.</summary>
    public void Ended(PresenceId id) => peers.OwnerWatch.Tell(new OwnerMessage.Untracked(id));

    // What its owner no longer holds must end, or it would be listed for ever; and there is no more of it than there are presences. A reader asks
    // once at a time, and what is on its way to the owner watch must not overtake what waits.
    private static bool MayBeRefused(ShardCommand command) => command
        is ShardCommand.Track or ShardCommand.TrackMany or ShardCommand.Update or ShardCommand.Untrack
        or ShardCommand.UntrackMany { Completion: not null } or ShardCommand.CallLeases;

    private object StateFor(ShardCommand command) => command switch
    {
        ShardCommand.Subscribe(var subscription) => new DiffPublisher.Subscribed(subscription, view.Topic(subscription.Topic)),
        ShardCommand.SubscribeAll(var subscription) =>
            new DiffPublisher.SubscribedAll(subscription, view.Topics.ToImmutableDictionary(topic => topic.Topic)),
        _ => throw new InvalidOperationException($"{command.GetType().Name} subscribes to nothing"),
    };

    private void EndGone(IEnumerable<PresenceId> ids, ImmutableArray<WriteResult> results)
    {
        foreach (var (id, _) in ids.Zip(results).Where(entry => entry.Second.Presence is null))
        {
            Ended(id);
        }
    }

    // Told even if nothing changed: the owner may renew a lease by it.
    private void Tracked(Owner owner, WriteResult result)
    {
        if (result.Presence is { } presence)
        {
            peers.OwnerWatch.Tell(new OwnerMessage.Tracked(owner, presence, result.Renewal));
        }
    }

    private void Called(LeaseCall call, WriteResult result)
    {
        if (!call.IsEnd)
        {
            Tracked(Owner.LeaseOwner.Of(call.Id.Owner, call.Duration), result);
        }
        else if (call.UnrenewedSince is null || result.Presence is null)
        {
            Ended(call.Id);
        }
    }

    private ImmutableArray<WriteOperation> OperationsOf(ShardCommand command) => command switch
    {
        ShardCommand.Track track =>
            [new WriteOperation.Track(
                track.Id, runtime.Refs.Next(), track.Meta, track.LeaveGrace, track.OrUpdate, track.Owner is Owner.LeaseOwner)],
        ShardCommand.TrackMany many =>
            [.. many.Requests.Select(request => new WriteOperation.Track(
                new PresenceId(request.Topic, request.Key, request.Owner.Id), runtime.Refs.Next(), request.Meta,
                request.LeaveGrace ?? TimeSpan.Zero, many.OrUpdate, request.Owner is Owner.LeaseOwner))],
        ShardCommand.Update update =>
            [new WriteOperation.Update(update.Id, runtime.Refs.Next(), update.Meta, update.ExpectedRef)],
        ShardCommand.Untrack untrack => [EndOf(untrack.Id, untrack.Cause, endsLease: true)],
        ShardCommand.UntrackMany many => [.. many.Ids.Select(id => EndOf(id, many.Cause, many.EndsLeases))],
        ShardCommand.ExpireLeases expired => [.. expired.Leases.Select(lease => new WriteOperation.Expire(lease.Id, lease.Renewal))],
        ShardCommand.CallLeases leases => [.. leases.Calls.Select(OperationOf)],
        ShardCommand.Disconnect disconnect => [.. disconnect.Ids.Select(id => new WriteOperation.Disconnect(id))],
        ShardCommand.AboutOwner or ShardCommand.Subscribe or ShardCommand.SubscribeAll => [],
        _ => throw new InvalidOperationException($"{command.GetType().Name} is no command of a shard"),
    };

    private static WriteOperation EndOf(PresenceId id, RemovalCause cause, bool endsLease) => endsLease && Owner.LeaseOwner.IsId(id.Owner)
        ? new WriteOperation.EndLease(id)
        : new WriteOperation.Untrack(id, cause);

    private WriteOperation OperationOf(LeaseCall call) => call switch
    {
        { IsEnd: false } => new WriteOperation.Renew(call.Id, runtime.Refs.Next(), call.Meta),
        { UnrenewedSince: { } since } => new WriteOperation.EndLeaseAgain(call.Id, since),
        _ => new WriteOperation.EndLease(call.Id),
    };
}
