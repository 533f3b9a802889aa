using Akka.Actor;

namespace PresenceTracker.Errors;

/// <summary>The actor has no life that could be watched, so a presence of it would never end.</summary>
public sealed class UnwatchableOwnerException(IActorRef actor) : PresenceException(
    $"{actor.Path} has no life that could be watched and cannot own a presence: name an actor as owner " +
    "(the sender of an Ask is none), or let it hold a lease (Owner.Lease)")
{
    public IActorRef Actor { get; } = actor;
}
