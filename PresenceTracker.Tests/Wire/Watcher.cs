using Akka.Actor;

namespace PresenceTracker.Tests.Wire;

/// <summary>Watches an actor of another node, which takes system messages between the two.</summary>
public sealed class Watcher : UntypedActor
{
    public Watcher(IActorRef watched) => Context.Watch(watched);

    protected override void OnReceive(object message)
    {
    }
}
