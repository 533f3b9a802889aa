using Akka.Actor;

namespace PresenceTracker.Errors;

/// <summary>The actor has no life that could be watched: what hangs on it would never end. Nothing was changed.</summary>
public sealed class UnwatchableActorException(IActorRef actor) : PresenceException(
    $"{actor.Path} has no life that could be watched, so it can neither own a presence nor subscribe: name an actor " +
    "(the sender of an Ask is none), or let it hold a lease (Owner.Lease)")
{
    public IActorRef Actor { get; } = actor;
}
