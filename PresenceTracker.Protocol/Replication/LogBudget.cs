namespace PresenceTracker.Protocol.Replication;

/// <summary>Counts the operations that the logs of one shard hold together.</summary>
internal sealed class LogBudget
{
    public long RemovalCount { get; set; }

    public long Bytes => RemovalCount * OperationLog.BytesPerRemoval;
}
