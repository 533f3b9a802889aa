using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

public sealed class MembershipCoreTests
{
    [Fact]
    public void The_first_input_must_be_Started_and_it_comes_once()
    {
        var driver = new CoreDriver();
        Assert.Throws<InvalidOperationException>(() => driver.Do(new MembershipInput.LeaveRequested()));

        driver.Do(new MembershipInput.Started());
        Assert.Throws<InvalidOperationException>(() => driver.Do(new MembershipInput.Started()));
    }

    [Fact]
    public void Options_outside_their_limits_are_refused_all_in_one_message()
    {
        var options = new MembershipOptions { ClusterName = "", ShardCount = 257, Swim = SwimOptions.Lan with { SuspicionAlpha = 0 } };

        var message = Assert.Throws<ArgumentException>(() => new CoreDriver(options)).Message;

        Assert.Contains("ClusterName", message, StringComparison.Ordinal);
        Assert.Contains("ShardCount must be 1 to 256, but is 257", message, StringComparison.Ordinal);
        Assert.Contains("SuspicionAlpha must be 1 to 100, but is 0", message, StringComparison.Ordinal);
        Assert.Contains("b", Assert.Throws<ArgumentException>(() => new CoreDriver(Options("b"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new CoreDriver(self: Node("no-port", 1)));
    }

    [Fact]
    public void Seeds_that_change_are_greeted_at_once_and_those_never_seen_are_forgotten()
    {
        var driver = Started("b:1", "c:1");
        driver.Receive(Welcome(Node("b:1", 5)));
        driver.TakeEvents();

        driver.Do(new MembershipInput.SeedsChanged(["d:1", "b:1"]));

        Assert.Equal(["d:1"], driver.TakeReceivers<MembershipMessage.Hello>());
        Assert.Equal(["d:1"], driver.Take<MembershipEffect.SeedsContacted>().Unanswered.ToArray());
        driver.Advance(Second);
        Assert.Equal(["d:1"], driver.TakeReceivers<MembershipMessage.Hello>());
        driver.TakeEvents();
        Assert.Throws<ArgumentException>(() => driver.Do(new MembershipInput.SeedsChanged(["d"])));
        driver.AssertNothingElse();
        driver.Advance(Second);
        Assert.Equal(["d:1"], driver.TakeReceivers<MembershipMessage.Hello>());
    }

    [Fact]
    public void Time_zero_is_a_time_like_any_other()
    {
        var core = new MembershipCore(Options("b:1"), Node(OwnAddress, 1), new(1));
        var effects = new List<MembershipEffect>();
        core.Handle(new MembershipInput.Started(), new MonotonicTime(0), effects);
        Assert.Contains(effects, effect => effect is MembershipEffect.SendMessage { Address: "b:1" });
    }
}
