using Akka.Actor;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Wire;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Actors;

/// <summary>A node that holds leases, and what it makes of what others ask about them.</summary>
public sealed class LeaseServingTests() : VirtualTimeTest("akka.loglevel = WARNING")
{
    private static readonly NodeId Peer = new("127.0.0.1:2", new Incarnation(1, 2));

    [Fact]
    public async Task The_log_says_why_a_peer_is_not_answered()
    {
        var shard = await ActorAsync("shard-0");
        var leases = await ActorAsync("leases");
        leases.Tell(new MembershipEffect.NodeUp(new NodeRecord(Peer, 0, [])));
        for (var crash = 0; crash < 3; crash++)
        {
            await SettleAsync();
            shard.Tell(Crash.Delivery);
        }

        using var log = new WarningLog(Sys);
        leases.Tell(new LeaseEnvelope(Peer, new LeaseMessage.LeaseRequest(1, [LeaseCall.End(new PresenceId(Room, "alice", "lease:http"))])));

        await log.SaidAsync($"What {Peer} asked about 1 leases is not answered: shard 0 is not available: it is down after repeated crashes");
    }
}
