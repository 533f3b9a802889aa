using Akka.Configuration;

namespace PresenceTracker.Configuration;

/// <summary>Whether Akka.Cluster says which nodes are peers, and what does not go together with that.</summary>
internal static class ClusterMembership
{
    private const string Provider = "akka.actor.provider";

    public static bool HasProvider(Config? config) => config?.GetString(Provider, "") is { } provider
        && (provider == "cluster" || provider.StartsWith("Akka.Cluster.ClusterActorRefProvider", StringComparison.Ordinal));

    public static bool IsAsked(Config config, PresenceSettings settings, List<ConfigurationFault> faults)
    {
        var hasProvider = HasProvider(config);
        var isInCluster = hasProvider && settings.MembershipKind != "own";
        if (!hasProvider && settings.MembershipKind == "akka-cluster")
        {
            faults.Add(new ConfigurationFault("presence.membership.kind", settings.MembershipKind, $"auto or own, unless {Provider} is cluster"));
        }

        foreach (var (key, value) in isInCluster ? settings.WaysToOthers() : settings.UsesOfCluster())
        {
            faults.Add(new ConfigurationFault(
                key,
                value,
                isInCluster
                    ? $"nothing, because {Provider} is cluster: Akka.Cluster says which nodes are peers, unless presence.membership.kind is own"
                    : $"nothing, unless {Provider} is cluster and presence.membership.kind is not own"));
        }

        return isInCluster;
    }
}
