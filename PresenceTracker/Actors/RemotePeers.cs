using Akka.Actor;

namespace PresenceTracker.Actors;

/// <summary>
/// Finds the presence actors of other nodes by address. Messages go to them directly and without a sender: no selection is needed, so
/// that Akka.Remote's untrusted mode can stay on.
/// </summary>
internal sealed class RemotePeers(ExtendedActorSystem system, string actorName)
{
    // With TLS it is another than without.
    private readonly string _protocol = system.Provider.DefaultAddress.Protocol;

    public void Tell(string address, object message) => Find(address).Tell(message, ActorRefs.NoSender);

    // Nothing is kept here: Akka.Remote has a cache of its own, one of bounded size for each thread.
    internal IActorRef Find(string address) =>
        system.Provider.ResolveActorRef($"{_protocol}://{system.Name}@{address}/user/{PresenceSupervisor.Name}/{actorName}");
}
