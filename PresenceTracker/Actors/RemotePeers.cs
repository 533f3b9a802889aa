using Akka.Actor;

namespace PresenceTracker.Actors;

/// <summary>
/// Finds the presence actors of other nodes by address. Messages go to them directly and without a sender: no selection is needed, so
/// that Akka.Remote's untrusted mode can stay on.
/// </summary>
internal sealed class RemotePeers(ExtendedActorSystem system, string actorName)
{
    // Addresses come from the membership, which knows at most 1,000; what is beyond is resolved each time.
    private const int CacheMax = 1_000;

    // With TLS it is another than without.
    private readonly string _protocol = system.Provider.DefaultAddress.Protocol;

    private readonly Dictionary<string, IActorRef> _refs = new(StringComparer.Ordinal);

    public void Tell(string address, object message)
    {
        if (!_refs.TryGetValue(address, out var actor))
        {
            actor = system.Provider.ResolveActorRef(
                $"{_protocol}://{system.Name}@{address}/user/{PresenceSupervisor.Name}/{actorName}");
            if (_refs.Count < CacheMax)
            {
                _refs[address] = actor;
            }
        }

        actor.Tell(message, ActorRefs.NoSender);
    }
}
