using PresenceTracker.Configuration;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Actors;

/// <summary>The options of a node's cores, as its settings say.</summary>
/// <param name="Seed">Of the randomness of both cores.</param>
/// <param name="Dispatcher">The path of the dispatcher that the actors run on.</param>
internal sealed record NodeOptions(MembershipOptions Membership, GossipOptions Gossip, ulong Seed, string Dispatcher)
{
    public static NodeOptions From(PresenceSettings settings, ulong seed, string dispatcher) => new(
        new MembershipOptions
        {
            ClusterName = settings.ClusterName,
            ShardCount = settings.ShardCount,
            Seeds = settings.Seeds,
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
        seed,
        dispatcher);
}
