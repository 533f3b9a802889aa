using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Gossip;

namespace PresenceTracker.Actors;

/// <summary>What is owed for a message that no shard will handle, because it crashed at it or stays down.</summary>
internal static class LostMessage
{
    public static void Settle(object? message, int shard, Exception? cause, IActorRef heartbeat)
    {
        switch (message)
        {
            case ShardCommand command:
                command.Fail(new ShardUnavailableException(shard, cause));
                break;
            case GossipEffect.DeliverDots { PushNumber: > 0 } push:
                // Or its sender would wait for the acknowledgement for ever, and push nothing more.
                heartbeat.Tell(new GossipInput.PushHandled(push.From, push.PushNumber));
                break;
            default:
                break;
        }
    }
}
