using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Workloads;

/// <summary>
/// A lease that lasts longer than a run, so that nothing of it runs out: whoever holds it must hear of its end. A backend keeps it for some time
/// through whichever node it reaches, and ends it; once more only if the end was not acknowledged, or need not hold, and somebody lists it.
/// </summary>
internal sealed class LastingLease(SimulatedCluster cluster, MovingLease lease, Prng prng)
{
    public static readonly TimeSpan Duration = TimeSpan.FromHours(1);

    private static readonly TimeSpan RenewalMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndAgainAfter = TimeSpan.FromSeconds(1);

    // A repeated end is dated back by the time that its first step took, a second at most, and by the drift of two clocks.
    private static readonly TimeSpan RestBeforeEnd = TimeSpan.FromSeconds(4);

    private int _unsettled;
    private bool _isInDoubt;
    private Acknowledgement? _acknowledged;

    /// <summary>
    /// Whether the end was acknowledged and has to hold. It is forgotten with the shard that it was asked of; a shard that begins anew counts what it
    /// gets back as renewed; and so does who was asked for a renewal before the end and hears of it after.
    /// </summary>
    private bool IsGoneForGood => !_isInDoubt
        && _acknowledged is var (through, replicas)
        && through.IsAlive
        && cluster.Running.All(node => !replicas.TryGetValue(node.ProcessId, out var replica) || replica == lease.ReplicaOn(node));

    /// <param name="until">When the backend ends it.</param>
    public void Keep(MonotonicTime until)
    {
        if (cluster.Events.Now >= until)
        {
            cluster.Events.After(RestBeforeEnd, () =>
            {
                _isInDoubt |= _unsettled > 0;
                End();
            });
            return;
        }

        if (cluster.Workload.AnyNode() is { } node)
        {
            _unsettled++;
            lease.RenewThrough(node, isSettled =>
            {
                _unsettled--;
                _isInDoubt |= !isSettled;
            });
        }

        cluster.Events.After(RenewalMax * prng.NextDouble(), () => Keep(until));
    }

    private void End()
    {
        if (!IsGoneForGood && cluster.Running.Any(lease.IsListedOn) && cluster.Workload.AnyNode() is { } node)
        {
            var replicas = new SortedDictionary<ulong, ReplicaId>();
            foreach (var started in cluster.Running.Where(started => started.Shards.Count > 0))
            {
                replicas.Add(started.ProcessId, lease.ReplicaOn(started));
            }

            lease.EndThrough(node, () =>
            {
                _acknowledged = new Acknowledgement(node, replicas);
                cluster.Marks.Add(_isInDoubt ? "end of a lease acknowledged, and in doubt" : "end of a lease acknowledged");
            });
        }

        cluster.Events.After(EndAgainAfter, End);
    }

    /// <param name="Through">Who was asked.</param>
    /// <param name="Replicas">What the shard of the lease was on each process when it was asked.</param>
    private sealed record Acknowledgement(SimulatedNode Through, SortedDictionary<ulong, ReplicaId> Replicas);
}
