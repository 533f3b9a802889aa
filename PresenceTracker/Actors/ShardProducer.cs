using Akka.Actor;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Actors;

/// <summary>
/// Makes the actor of a shard, anew for each of its epochs. When the shard stays down, another actor takes its place instead of its end, so
/// that the mailbox goes on and no message is lost without a word.
/// </summary>
internal sealed class ShardProducer(NodeRuntime runtime, int shard, ShardIdentity identity, ShardCrashes crashes, ShardPeers peers)
    : IIndirectActorProducer
{
    public Type ActorType => typeof(ShardActor);

    public ActorBase Produce() =>
        crashes.IsDown ? new DownShardActor(shard, peers.Heartbeat) : new ShardActor(runtime, shard, identity, peers);

    public void Release(ActorBase actor)
    {
    }
}
