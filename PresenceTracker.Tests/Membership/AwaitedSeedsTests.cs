using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

/// <summary>A node whose seeds are still being looked for is not alone yet.</summary>
public sealed class AwaitedSeedsTests
{
    [Fact]
    public void Until_they_are_found_nobody_says_that_all_seeds_have_answered()
    {
        var driver = new CoreDriver(Options() with { AwaitsMoreSeeds = true });

        driver.Do(new MembershipInput.Started());
        driver.AssertNothingElse();

        driver.Do(new MembershipInput.SeedsChanged([], AwaitsMore: true));
        driver.AssertNothingElse();

        driver.Do(new MembershipInput.SeedsChanged([OwnAddress]));
        Assert.Empty(driver.Take<MembershipEffect.SeedsContacted>().Unanswered);
        driver.Take<MembershipEffect.Announceable>();
        driver.AssertNothingElse();
    }

    [Fact]
    public void That_those_known_have_answered_is_not_enough_while_more_are_looked_for()
    {
        var driver = Started(Options("b:1") with { AwaitsMoreSeeds = true });

        driver.Receive(Welcome(Node("b:1", 5)));
        driver.Take<MembershipEffect.NodeUp>();
        driver.AssertNothingElse();

        driver.Do(new MembershipInput.SeedsChanged(["b:1", "c:1"]));
        Assert.Equal(["c:1"], driver.Take<MembershipEffect.SeedsContacted>().Unanswered.ToArray());
        Assert.Equal(["c:1"], driver.TakeReceivers<MembershipMessage.Hello>());
        driver.AssertNothingElse();
    }

    [Fact]
    public void They_have_the_time_of_the_first_contact()
    {
        var driver = Started(Options() with { AwaitsMoreSeeds = true });

        driver.Advance(TimeSpan.FromSeconds(2));

        driver.Take<MembershipEffect.Announceable>();
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_node_that_waits_for_them_stops_when_it_is_refused() =>
        Assert.IsType<StopCause.SettingDiffers>(Refused(Started(Options() with { AwaitsMoreSeeds = true })).Take<MembershipEffect.StopNode>().Cause);

    // The newcomer may be found before it has found anybody: it must not stop the one that has served for long.
    [Theory]
    [InlineData(99, 0, 1)]
    [InlineData(101, 1, 0)]
    public void A_newcomer_does_not_refuse_an_older_node_that_does_not_fit_but_greets_it_to_be_refused(ulong counter, int refusals, int greetings)
    {
        var driver = Started(Options() with { AwaitsMoreSeeds = true });

        driver.Receive(Hello(Node("b:1", counter)) with { ShardCount = 16 });

        Assert.Equal(refusals, driver.TakeReceivers<MembershipMessage.Refused>().Length);
        Assert.Equal(greetings, driver.TakeReceivers<MembershipMessage.Hello>().Length);
        driver.AssertViolation(MembershipViolationKind.OtherShardCount);
        driver.AssertNothingElse();
    }

    private static CoreDriver Refused(CoreDriver driver)
    {
        driver.Receive(new MembershipMessage.Refused("shard count", "16", "8"), "b:1");
        return driver;
    }
}
