using System.Collections.Concurrent;
using Akka.Actor;

namespace PresenceTracker.Tests.Actors;

/// <summary>Takes the place of an actor, and keeps what it is told; at once, on the thread of whoever tells it.</summary>
internal sealed class Recorder(ActorSystem system, string name) : MinimalActorRef
{
    private readonly ConcurrentQueue<object> _messages = new();

    public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / name;

    public override IActorRefProvider Provider => ((ExtendedActorSystem)system).Provider;

    /// <summary>All messages of the type since the last call; the others are dropped.</summary>
    public List<TMessage> Take<TMessage>()
    {
        List<TMessage> taken = [];
        while (_messages.TryDequeue(out var message))
        {
            if (message is TMessage wanted)
            {
                taken.Add(wanted);
            }
        }

        return taken;
    }

    protected override void TellInternal(object message, IActorRef sender) => _messages.Enqueue(message);
}
