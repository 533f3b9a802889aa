namespace PresenceTracker.Protocol.Replication;

/// <summary>Counts the memory that the logs of one shard hold together.</summary>
internal sealed class LogBudget
{
    public long RemovalCapacity { get; set; }

    public long Bytes => RemovalCapacity * OperationLog.BytesPerRemoval;
}
