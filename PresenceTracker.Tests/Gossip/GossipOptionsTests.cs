using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using Xunit;

namespace PresenceTracker.Tests.Gossip;

public sealed class GossipOptionsTests
{
    private static readonly TimeSpan Negative = TimeSpan.FromTicks(-1);

    [Fact]
    public void Waits_that_are_none_are_named()
    {
        Assert.Equal(nameof(GossipOptions.IdleAfter), Refused(new GossipOptions { IdleAfter = TimeSpan.Zero }));
        Assert.Equal(nameof(GossipOptions.AgreementWait), Refused(new GossipOptions { AgreementWait = Negative }));
        Assert.Equal(nameof(GossipOptions.AloneWait), Refused(new GossipOptions { AloneWait = Negative }));
    }

    private static string? Refused(GossipOptions options) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new GossipCore(options, CoreDriver.Self, new Prng(1))).ParamName;
}
