using System.Globalization;
using Akka.Actor;
using PresenceTracker.Errors;

namespace PresenceTracker.Owners;

/// <summary>What a presence lives and dies with. Immutable.</summary>
public abstract record Owner
{
    private Owner()
    {
    }

    /// <summary>How the owner is written in <see cref="Protocol.Presences.Presence.Owner"/>: its kind, a colon, and its name.</summary>
    public abstract string Id { get; }

    /// <summary>The presence ends when the actor stops.</summary>
    /// <exception cref="RemoteOwnerException">
    /// The actor lives on another node. The tracker watches no actor over the network; use a lease.
    /// </exception>
    /// <exception cref="UnwatchableActorException">The actor never stops as others do: it is nobody, the dead letters, or the sender of an Ask.</exception>
    public static Owner Actor(IActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        if (actor is IActorRefScope { IsLocal: false })
        {
            throw new RemoteOwnerException(actor);
        }

        return actor is MinimalActorRef ? throw new UnwatchableActorException(actor) : new ActorOwner(actor);
    }

    /// <summary>
    /// The presence ends when <see cref="Tracker.ConnectionLost"/> is told of the connection, after the presence's leave grace.
    /// </summary>
    /// <param name="connectionId">Unique among the connections of this node.</param>
    public static Owner Connection(string connectionId)
    {
        ArgumentNullException.ThrowIfNull(connectionId);
        return new ConnectionOwner(connectionId);
    }

    /// <summary>
    /// The presence ends when it was not tracked again by the same owner, through any node, for <paramref name="duration"/>.
    /// </summary>
    /// <param name="duration">From 1 s to 24 h.</param>
    /// <param name="name">Tells apart several leases of one key in one topic.</param>
    /// <exception cref="LimitExceededException">The duration is out of range.</exception>
    public static Owner Lease(TimeSpan duration, string name = "http")
    {
        ArgumentNullException.ThrowIfNull(name);
        if (duration < LeaseOwner.DurationMin || duration > LeaseOwner.DurationMax)
        {
            throw new LimitExceededException(
                "lease", duration.ToString("c", CultureInfo.InvariantCulture),
                $"{LeaseOwner.DurationMin:c} to {LeaseOwner.DurationMax:c}", option: nameof(duration));
        }

        return new LeaseOwner(duration, name);
    }

    internal sealed record ActorOwner(IActorRef Ref) : Owner
    {
        public override string Id { get; } = "actor:" + Ref.Path.ToStringWithoutAddress() + "#" + Ref.Path.Uid.ToString(CultureInfo.InvariantCulture);
    }

    internal sealed record ConnectionOwner(string ConnectionId) : Owner
    {
        public override string Id => "connection:" + ConnectionId;
    }

    internal sealed record LeaseOwner(TimeSpan Duration, string Name) : Owner
    {
        private const string Prefix = "lease:";

        // Below a second the renewals would outweigh what they keep alive; above a day it is no lease.
        public static readonly TimeSpan DurationMin = TimeSpan.FromSeconds(1);
        public static readonly TimeSpan DurationMax = TimeSpan.FromHours(24);

        public override string Id => Prefix + Name;

        /// <summary>Whether the id of an owner is that of a lease: only those can move to another node.</summary>
        public static bool IsId(string ownerId) => ownerId.StartsWith(Prefix, StringComparison.Ordinal);

        /// <summary>The lease of this id, for another duration.</summary>
        public static LeaseOwner Of(string ownerId, TimeSpan duration) => new(duration, ownerId[Prefix.Length..]);
    }
}
