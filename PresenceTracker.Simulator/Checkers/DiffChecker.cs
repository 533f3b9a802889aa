using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>Each diff begins where the one before ended, and what a subscriber folds is the list, at every step.</summary>
internal sealed class DiffChecker : Checker
{
    public override string Rule => "the folded diffs are the list";

    public override void Published(SimulatedNode node, int shard, PublishedView before, Turn turn, bool isRelease)
    {
        if (turn.Version < before.State.Version)
        {
            throw Breach($"{node} published version {turn.Version} of shard {shard} after {before.State.Version}");
        }

        foreach (var diff in turn.Diffs)
        {
            var present = before.Topic(diff.Topic);
            if (!diff.Before.SequenceEqual(present))
            {
                throw Breach($"on {node} a diff of {diff.Topic} begins at {Text(diff.Before)}, but listed is {Text(present)}");
            }

            if (diff.After.Count() != diff.After.MetaCount || diff.After.Keys.Count() != diff.After.KeyCount)
            {
                throw Breach($"{node} counts {diff.After.KeyCount} keys and {diff.After.MetaCount} metas in {diff.Topic}: {Text(diff.After)}");
            }
        }
    }

    public override void SubscriberTold(SimulatedNode node, Subscriber subscriber, TopicDiff diff)
    {
        if (diff.After.MetaCount == subscriber.FoldedCount && diff.After.All(subscriber.Reads))
        {
            return;
        }

        throw Breach($"a subscriber on {node} has {string.Join(", ", subscriber.Folded)}, but listed in {diff.Topic} is {Text(diff.After)}");
    }

    private static string Text(TopicView view) => string.Join(", ", view);
}
