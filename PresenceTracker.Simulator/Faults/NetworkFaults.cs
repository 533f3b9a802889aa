using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Simulator.Faults;

/// <summary>Cuts and clogs of links.</summary>
internal sealed class NetworkFaults(SimulatedCluster cluster, Prng prng)
{
    // Below this a cut is no more than a loss.
    private static readonly TimeSpan PartitionMin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PartitionMax = TimeSpan.FromSeconds(14);

    // Longer than it takes until a silent node is down, so that down nodes are removed before the partition ends.
    private static readonly TimeSpan RemovalMargin = TimeSpan.FromSeconds(13);
    private static readonly TimeSpan ClogMax = TimeSpan.FromSeconds(6);

    /// <returns>False if the kind is none of these, or there is nobody for it.</returns>
    public bool TryBegin(FaultKind kind)
    {
        switch (kind)
        {
            case FaultKind.Partition:
                Part(prng.Between(PartitionMin, PartitionMax), bothWays: true);
                return true;
            case FaultKind.LongPartition:
                Part(cluster.Options.Membership.RemovedAfter + RemovalMargin, bothWays: prng.Chance(0.8));
                return true;
            case FaultKind.AsymmetricPartition:
                Part(prng.Between(PartitionMin, PartitionMax), bothWays: false);
                return true;
            case FaultKind.Clog:
                var (from, to) = (prng.Next(cluster.Options.Nodes), prng.Next(cluster.Options.Nodes));
                cluster.Network.Hold(from, to, cluster.Events.Now + (ClogMax * prng.NextDouble()));
                return true;
            case FaultKind.SwizzleClog:
                Swizzle();
                return true;
            default:
                return false;
        }
    }

    private void Part(TimeSpan length, bool bothWays)
    {
        var slots = prng.Pick(Enumerable.Range(0, cluster.Options.Nodes), cluster.Options.Nodes);
        var size = prng.Chance(0.4) ? 1 : prng.Between(1, slots.Count - 1);
        var links = slots.Take(size).SelectMany(left => slots.Skip(size).Select(right => (left, right))).ToList();
        if (prng.Chance(0.25))
        {
            // Some of the links only: then there are nodes that both sides reach.
            links = prng.Pick(links, prng.Between(1, links.Count));
        }

        foreach (var (left, right) in links)
        {
            cluster.Network.Cut(left, right);
            if (bothWays)
            {
                cluster.Network.Cut(right, left);
            }
        }

        cluster.Events.After(length, () =>
        {
            foreach (var (left, right) in links)
            {
                cluster.Network.Mend(left, right);
                if (bothWays)
                {
                    cluster.Network.Mend(right, left);
                }
            }
        });
    }

    // As FoundationDB does: stop the nodes' links one by one, and free them in another order.
    private void Swizzle()
    {
        var slots = prng.Pick(Enumerable.Range(0, cluster.Options.Nodes), prng.Between(1, cluster.Options.Nodes));
        var begin = cluster.Events.Now;
        foreach (var slot in slots)
        {
            begin += prng.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1));
            var end = begin + (ClogMax * prng.NextDouble());
            cluster.Events.At(begin, () =>
            {
                for (var other = 0; other < cluster.Options.Nodes; other++)
                {
                    cluster.Network.Hold(slot, other, end);
                    cluster.Network.Hold(other, slot, end);
                }
            });
        }
    }
}
