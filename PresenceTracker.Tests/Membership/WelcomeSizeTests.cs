using PresenceTracker.Protocol.Membership;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Membership;

public sealed class WelcomeSizeTests
{
    [Fact]
    public void A_welcome_of_a_full_cluster_fits_into_a_message_and_names_those_that_follow_its_sender()
    {
        var members = Enumerable.Range(0, 990)
            .Select(i => CoreDriver.Node($"node-{i:000}.presence.some-namespace-with-a-long-name.svc.cluster.local:4053", counter: 1_700_000_000))
            .ToArray();
        var driver = CoreDriver.With(members);
        var joiner = CoreDriver.Node("joiner:1", counter: 1_700_000_001);

        driver.Receive(CoreDriver.Hello(joiner));

        var welcome = driver.TakeSent<MembershipMessage.Welcome>().Message;
        Assert.InRange(welcome.Members.Length, 500, members.Length - 1);
        Assert.Equal(members[0], welcome.Members[0]);
        Assert.InRange(
            MembershipCodec.Encode(new MembershipEnvelope(CoreDriver.OwnAddress, welcome)).CalculateSize(), 1, WireLimits.MessageBytesMax);
    }
}
