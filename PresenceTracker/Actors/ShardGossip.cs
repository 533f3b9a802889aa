using Akka.Actor;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Actors;

/// <summary>Carries what a shard and the gossip have for each other.</summary>
internal sealed class ShardGossip(PresenceSet set, ReplicaReporter reporter, ShardPeers peers, Action completeTurn)
{
    // DESIGN: at most four parts of an answer under way.
    private const int PullPartsMax = 4;

    public void Deliver(GossipEffect.DeliverDots delivery)
    {
        var verdict = set.Apply(delivery.Dots);
        completeTurn();
        if (verdict is ApplyVerdict.Applied or ApplyVerdict.Incomplete)
        {
            reporter.Report(delivery.Dots.Replica);
        }

        peers.Metrics.DotsDelivered(verdict, delivery.Dots.Entries.Length);
        if (delivery.PushNumber == 0)
        {
            return;
        }

        if (verdict == ApplyVerdict.Incomplete)
        {
            peers.Heartbeat.Tell(new GossipInput.GapFound(delivery.Dots.Replica, delivery.From));
        }

        peers.Heartbeat.Tell(new GossipInput.PushHandled(delivery.From, delivery.PushNumber));
    }

    public void Serve(GossipEffect.ServePull pull) => peers.Heartbeat.Tell(
        new GossipInput.PullServed(pull.To, pull.Token, pull.Replica, set.Serve(pull.Replica, pull.Position, PullPartsMax)));

    public void Show(GossipEffect.ShowTarget target)
    {
        foreach (var (replica, context) in target.Contexts.Where(entry => entry.Replica.Shard == set.Self.Shard))
        {
            set.ShowOnceAt(replica, context);
        }

        completeTurn();
    }
}
