namespace PresenceTracker.Simulator.Checkers;

/// <summary>The logs of a shard never take more than they may, over all replicas.</summary>
internal sealed class MemoryChecker : Checker
{
    public override string Rule => "memory is bounded";

    public override void TimePassed(SimulatedCluster cluster)
    {
        var max = cluster.Options.Replication.Set.OperationLogBytesMax;
        foreach (var node in cluster.Running)
        {
            foreach (var shard in node.Shards.Where(shard => shard.Core.LogBytes > max))
            {
                throw Breach($"the logs of {shard.Name} of {node} take {shard.Core.LogBytes} bytes, of at most {max}");
            }
        }
    }
}
