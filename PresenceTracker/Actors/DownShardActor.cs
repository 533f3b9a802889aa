using Akka.Actor;

namespace PresenceTracker.Actors;

/// <summary>
/// Takes the place of a shard that has crashed too often: whatever it is told, and whatever was still in the mailbox, it settles at once, so
/// that nobody waits for the shard.
/// </summary>
internal sealed class DownShardActor : ReceiveActor
{
    public DownShardActor(int shard, IActorRef heartbeat) =>
        ReceiveAny(message => LostMessage.Settle(message, shard, cause: null, heartbeat));
}
