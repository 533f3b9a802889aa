using Akka.Actor;

namespace PresenceTracker.Errors;

/// <summary>An actor of another node can neither own a presence here nor subscribe: none is watched over the network. Nothing was changed.</summary>
public sealed class RemoteOwnerException(IActorRef actor) : PresenceException(
    $"{actor.Path} lives on another node, so it can neither own a presence here nor subscribe: use the tracker of its own node, " +
    "or let it hold a lease (Owner.Lease)")
{
    public IActorRef Actor { get; } = actor;
}
