using System.Collections.Immutable;
using PresenceTracker.Configuration;
using PresenceTracker.Discovery;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Topology;

namespace PresenceTracker.Actors;

/// <summary>The options of a node's cores, as its settings say.</summary>
/// <param name="Discoveries">In which ways to find nodes, beside the seeds.</param>
/// <param name="DiscoveryInterval">How often to look.</param>
/// <param name="ClusterRole">Which members of Akka.Cluster are peers, empty for all of them; null if it says nothing of peers.</param>
/// <param name="Seed">Of the randomness of the cores.</param>
/// <param name="Dispatcher">The path of the dispatcher that the actors run on.</param>
internal sealed record NodeOptions(
    MembershipOptions Membership,
    GossipOptions Gossip,
    TopologyOptions Topology,
    ImmutableArray<IDiscovery> Discoveries,
    TimeSpan DiscoveryInterval,
    string? ClusterRole,
    ulong Seed,
    string Dispatcher)
{
    public static NodeOptions From(PresenceSettings settings, ImmutableArray<IDiscovery> discoveries, ulong seed, string dispatcher) => new(
        new MembershipOptions
        {
            ClusterName = settings.ClusterName,
            ShardCount = settings.ShardCount,
            Seeds = settings.Seeds,
            AwaitsMoreSeeds = !discoveries.IsEmpty || settings.IsInAkkaCluster,
            PeersAreGiven = settings.IsInAkkaCluster,
            Token = settings.Token,
            Swim = new SwimOptions
            {
                ProtocolPeriod = settings.ProtocolPeriod,
                ProbeTimeout = settings.ProbeTimeout,
                IndirectProbes = settings.IndirectProbes,
                SuspicionAlpha = settings.SuspicionAlpha,
                SuspicionBeta = settings.SuspicionBeta,
                TransmitMultiplier = settings.TransmitMultiplier,
                LocalHealthMax = settings.LocalHealthMax,
            },
            RemovedAfter = settings.RemovedAfter,
        },
        new GossipOptions
        {
            ShardCount = settings.ShardCount,
            PushEnabled = settings.PushEnabled,
            RoundInterval = settings.GossipInterval,
            FanOut = settings.GossipFanOut,
        },
        new TopologyOptions { FullMeshLimit = settings.FullMeshLimit },
        discoveries,
        settings.DiscoveryInterval,
        settings.IsInAkkaCluster ? settings.ClusterRole : null,
        seed,
        dispatcher);
}
