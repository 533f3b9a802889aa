using Akka.Actor;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Actors;

/// <summary>
/// Makes the actor of a shard, anew for each of its epochs. When the shard stays down, another actor takes its place instead of its end, so
/// that the mailbox goes on and no message is lost without a word.
/// </summary>
internal sealed class ShardProducer(NodeRuntime runtime, int shard, ShardIdentity identity, ShardCrashes crashes, ShardPeers peers)
    : IIndirectActorProducer
{
    private readonly List<ShardCommand> _unanswered = [];

    public Type ActorType => typeof(ShardActor);

    public ActorBase Produce()
    {
        if (!crashes.IsDown)
        {
            return new ShardActor(runtime, shard, identity, peers, new ShardBatch(_unanswered));
        }

        _unanswered.ForEach(command => command.Fail(new ShardUnavailableException(shard, cause: null)));
        _unanswered.Clear();
        return new DownShardActor(shard, peers.Heartbeat);
    }

    public void Release(ActorBase actor)
    {
    }
}
