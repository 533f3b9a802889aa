using Akka.Actor;

namespace PresenceTracker.Errors;

/// <summary>An actor of another node cannot own a presence here.</summary>
public sealed class RemoteOwnerException(IActorRef actor) : PresenceException(
    $"{actor.Path} lives on another node and cannot own a presence here: track it on its own node, or let it hold a lease (Owner.Lease)")
{
    public IActorRef Actor { get; } = actor;
}
