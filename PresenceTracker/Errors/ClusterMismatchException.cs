using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Errors;

/// <summary>The tracker has stopped because a setting that all nodes of a cluster share is another one in the cluster that it was to join.</summary>
public sealed class ClusterMismatchException(string setting, string expected, string actual, string? peer) : TrackerStoppedException(
    $"refused by {peer ?? "a seed"}: {setting} is {expected} there and {actual} here" +
    (OptionOf(setting) is { } option ? $" (option: {option})" : ""))
{
    /// <summary><c>cluster name</c>, <c>token</c>, <c>shard count</c> or <c>protocol version</c>.</summary>
    public string Setting { get; } = setting;

    /// <summary>The value of the cluster, as the peer names it; of a token only whether there is one.</summary>
    public string Expected { get; } = expected;

    /// <summary>This node's value.</summary>
    public string Actual { get; } = actual;

    /// <summary>Where this node's value is set; null for the protocol version, which comes with the version of the library.</summary>
    public string? Option { get; } = OptionOf(setting);

    /// <summary>The address of the node that refused this one, as it names itself.</summary>
    public string? Peer { get; } = peer;

    private static string? OptionOf(string setting) => setting switch
    {
        SettingName.ClusterName => "presence.cluster-name",
        SettingName.Token => "presence.token",
        SettingName.ShardCount => "presence.shards",
        _ => null,
    };
}
