namespace PresenceTracker.Protocol.Membership;

/// <summary>What must agree between the nodes of a cluster, by the names that a refusal uses on the wire.</summary>
public static class SettingName
{
    public const string ProtocolVersion = "protocol version";

    public const string ClusterName = "cluster name";

    /// <summary>Its values in a refusal say whether there is one, and never which.</summary>
    public const string Token = "token";

    public const string ShardCount = "shard count";
}
