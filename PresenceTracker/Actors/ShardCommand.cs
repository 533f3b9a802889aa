using Akka.Actor;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.Actors;

/// <summary>What callers on this node ask of a shard. The completion travels inside the message, so that no temporary actor is needed.</summary>
internal abstract record ShardCommand
{
    private ShardCommand()
    {
    }

    /// <summary>Ends the command without an effect; called also when the message never reached a shard.</summary>
    public abstract void Fail(Exception cause);

    public sealed record Track(
        PresenceId Id, Owner Owner, Meta Meta, TimeSpan LeaveGrace, bool OrUpdate, TaskCompletionSource<TrackResult> Completion) : ShardCommand
    {
        public override void Fail(Exception cause) => Completion.TrySetException(cause);
    }

    public sealed record Update(PresenceId Id, Meta Meta, string? ExpectedRef, TaskCompletionSource<TrackResult> Completion) : ShardCommand
    {
        public override void Fail(Exception cause) => Completion.TrySetException(cause);
    }

    public sealed record Untrack(PresenceId Id, RemovalCause Cause, TaskCompletionSource<TrackResult> Completion) : ShardCommand
    {
        public override void Fail(Exception cause) => Completion.TrySetException(cause);
    }

    /// <summary>Several tracks in one turn, so that readers get one diff a topic.</summary>
    public sealed record TrackMany(
        IReadOnlyList<TrackRequest> Requests, bool OrUpdate, TaskCompletionSource<IReadOnlyList<TrackResult>> Completion) : ShardCommand
    {
        public override void Fail(Exception cause) => Completion.TrySetException(cause);
    }

    /// <summary>Several untracks in one turn.</summary>
    /// <param name="EndsLeases">Whether a lease among them is to end on other nodes too, also on those that do not hear of it now.</param>
    public sealed record UntrackMany(
        IReadOnlyList<PresenceId> Ids, RemovalCause Cause, bool EndsLeases, TaskCompletionSource<IReadOnlyList<TrackResult>>? Completion)
        : ShardCommand
    {
        public override void Fail(Exception cause) => Completion?.TrySetException(cause);
    }

    /// <summary>Leases that have run out, each with the last renewal that the owner watch has heard of.</summary>
    public sealed record ExpireLeases(IReadOnlyList<(PresenceId Id, ulong Renewal)> Leases) : ShardCommand
    {
        public override void Fail(Exception cause)
        {
            // Nobody waits for it; the owner watch gives the next epoch nothing of them.
        }
    }

    /// <summary>What other nodes ask about leases, in one turn. What this node does not hold stays as it is.</summary>
    public sealed record CallLeases(
        IReadOnlyList<LeaseCall> Calls, TaskCompletionSource<IReadOnlyList<TrackResult>> Completion) : ShardCommand
    {
        public override void Fail(Exception cause) => Completion.TrySetException(cause);
    }

    /// <summary>The connection that owns these presences broke.</summary>
    public sealed record Disconnect(IReadOnlyList<PresenceId> Ids) : ShardCommand
    {
        public override void Fail(Exception cause)
        {
            // Nobody waits for it; the owner watch tells the next epoch of the shard again.
        }
    }

    /// <summary>
    /// A word about an owner, on its way through the shard to the owner watch. It comes there behind all that the shard was asked to track before,
    /// also by callers who have not waited for it.
    /// </summary>
    public sealed record AboutOwner(OwnerMessage Word, IActorRef OwnerWatch) : ShardCommand
    {
        // What the epoch has tracked was told before, and what it had yet to track has failed.
        public override void Fail(Exception cause) => Deliver();

        public void Deliver() => OwnerWatch.Tell(Word, ActorRefs.NoSender);
    }

    /// <summary>Begins, or begins anew, to send the diffs of a topic.</summary>
    public sealed record Subscribe(Subscription Subscription) : ShardCommand
    {
        public override void Fail(Exception cause) => Subscription.RequestFailed(cause);
    }

    /// <summary>Begins, or begins anew, to send the diffs of all topics of the shard.</summary>
    public sealed record SubscribeAll(ShardSubscription Subscription) : ShardCommand
    {
        public override void Fail(Exception cause) => Subscription.RequestFailed(cause);
    }
}
