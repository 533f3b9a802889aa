namespace PresenceTracker.Protocol.Membership;

/// <summary>What must agree between the nodes of a cluster, by the names that a refusal uses on the wire.</summary>
public static class SettingName
{
    public const string ProtocolVersion = "protocol version";

    public const string ClusterName = "cluster name";

    public const string ShardCount = "shard count";
}
