using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

public sealed class HandshakeTests
{
    [Fact]
    public void A_start_greets_every_seed_except_the_node_itself()
    {
        var driver = new CoreDriver(Options("c:1", OwnAddress, "b:1"));

        driver.Do(new MembershipInput.Started());

        Assert.Equal(["b:1", "c:1"], driver.Take<MembershipEffect.SeedsContacted>().Unanswered.ToArray());
        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Hello>());
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_node_without_seeds_is_announceable_at_once()
    {
        var driver = new CoreDriver(Options(OwnAddress));

        driver.Do(new MembershipInput.Started());

        Assert.Empty(driver.Take<MembershipEffect.SeedsContacted>().Unanswered);
        Assert.Equal(driver.Core.Self.Node, driver.Take<MembershipEffect.Announceable>().Self);
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_fitting_hello_introduces_the_joiner_is_answered_with_all_other_members_and_returned()
    {
        var (b, c, d) = (Node("b:1", 5), Node("c:1", 6), Node("d:1", 7));
        var driver = With(c, d);
        driver.AdvanceHearing(TimeSpan.FromSeconds(10), c);
        Assert.Equal(MemberState.Down, driver.StateOf("d:1"));
        driver.TakeEvents();

        driver.Receive(Hello(b));

        Assert.Equal(b, driver.Take<MembershipEffect.NodeUp>().Node.Node);
        var (to, welcome) = driver.TakeSent<MembershipMessage.Welcome>();
        Assert.Equal("b:1", to);
        Assert.Equal(driver.Core.Self, welcome.Self);
        Assert.Equal(OwnAddress, welcome.Target);
        Assert.Equal([c, d], welcome.Members.ToArray());
        Assert.Equal(0UL, welcome.KnownCounter);
        Assert.Equal("b:1", driver.TakeSent<MembershipMessage.Hello>().To);
        driver.AssertNothingElse();
    }

    [Theory]
    [InlineData(4u, "other", 9, "protocol version", "3", "4", MembershipViolationKind.OtherProtocolVersion)]
    [InlineData(3u, "other", 9, "cluster name", "test", "other", MembershipViolationKind.OtherClusterName)]
    [InlineData(3u, "test", 9, "shard count", "8", "9", MembershipViolationKind.OtherShardCount)]
    public void A_hello_that_does_not_fit_is_refused_with_both_values_and_changes_nothing(
        uint version, string cluster, int shards, string setting, string expected, string received, MembershipViolationKind kind)
    {
        var driver = Started();

        driver.Receive(Hello(Node("b:1", 5)) with { ProtocolVersion = version, ClusterName = cluster, ShardCount = shards });

        var (to, refused) = driver.TakeSent<MembershipMessage.Refused>();
        Assert.Equal("b:1", to);
        Assert.Equal(new MembershipMessage.Refused(setting, expected, received), refused);
        driver.AssertViolation(kind);
        driver.AssertNothingElse();
        Assert.Empty(driver.Core.Members);
    }

    [Fact]
    public void A_joiner_with_more_shards_is_told_the_shard_count_and_not_that_its_epochs_are_malformed()
    {
        var driver = Started();
        var joiner = Record(Node("b:1", 5), 1, new ShardEpoch(12, 1, 0));

        driver.Receive(new MembershipMessage.Hello(joiner, OwnAddress, MembershipOptions.ProtocolVersion, "test", 16));

        Assert.Equal("shard count", driver.TakeSent<MembershipMessage.Refused>().Message.Setting);
    }

    [Fact]
    public void A_refused_joiner_stops_with_both_values()
    {
        var driver = Started("b:1");

        driver.Receive(new MembershipMessage.Refused("cluster name", "theirs", "ours"), "b:1");

        Assert.Equal(
            new StopCause.SettingDiffers("cluster name", "theirs", "ours", "b:1"), driver.Take<MembershipEffect.StopNode>().Cause);
        driver.Advance(TimeSpan.FromMinutes(1));
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_joiner_that_is_refused_long_after_its_first_contact_stops_if_it_never_met_anybody()
    {
        var driver = Started("b:1");
        driver.Advance(TimeSpan.FromMinutes(5));
        driver.Take<MembershipEffect.Announceable>();
        driver.TakeEvents();

        driver.Receive(new MembershipMessage.Refused("shard count", "16", "8"), "b:1");

        Assert.Equal(
            new StopCause.SettingDiffers("shard count", "16", "8", "b:1"), driver.Take<MembershipEffect.StopNode>().Cause);
        driver.Advance(TimeSpan.FromMinutes(1));
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_node_that_has_met_somebody_only_counts_a_refusal_also_when_nobody_is_left()
    {
        var (b, c) = (Node("b:1", 5), Node("c:1", 6));
        var driver = Started("b:1");
        driver.Receive(Hello(c));
        driver.Receive(Welcome(c));
        driver.Receive(new MembershipMessage.Leaving(c));
        driver.Advance(TimeSpan.FromSeconds(2));
        driver.Take<MembershipEffect.Announceable>();
        driver.TakeEvents();

        driver.Receive(new MembershipMessage.Refused("cluster name", "theirs", "ours"), b.Address);

        driver.AssertViolation(MembershipViolationKind.RefusedWhileRunning);
        driver.AssertNothingElse();
        driver.Advance(Second);
        Assert.Contains("b:1", driver.TakeReceivers<MembershipMessage.Hello>());
    }

    [Fact]
    public void A_node_that_was_to_join_nobody_only_counts_a_refusal()
    {
        var driver = Started();

        driver.Receive(new MembershipMessage.Refused("cluster name", "theirs", "ours"), "b:1");

        driver.AssertViolation(MembershipViolationKind.RefusedWhileRunning);
        driver.AssertNothingElse();
    }

    [Theory]
    [InlineData(99, 0)]
    [InlineData(101, 1)]
    public void A_joiner_refuses_a_seed_that_does_not_fit_only_if_that_one_started_later(ulong counter, int refusals)
    {
        var driver = Started("b:1");

        driver.Receive(Hello(Node("b:1", counter)) with { ShardCount = 16 });

        Assert.Equal(refusals, driver.TakeReceivers<MembershipMessage.Refused>().Length);
        driver.AssertViolation(MembershipViolationKind.OtherShardCount);
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_node_that_has_joined_somebody_only_counts_a_refusal_by_another()
    {
        var driver = Started("b:1", "c:1");
        driver.Receive(Welcome(Node("c:1", 6)));
        driver.TakeEvents();

        driver.Receive(new MembershipMessage.Refused("shard count", "16", "8"));

        driver.AssertViolation(MembershipViolationKind.RefusedWhileRunning);
        driver.AssertNothingElse();
    }

    [Fact]
    public void The_node_is_announceable_once_every_seed_has_answered()
    {
        var driver = Started("b:1", "c:1");

        driver.Receive(Welcome(Node("b:1", 5)));
        Assert.Equal(["c:1"], driver.Take<MembershipEffect.SeedsContacted>().Unanswered.ToArray());
        driver.Take<MembershipEffect.NodeUp>();
        driver.AssertNothingElse();

        driver.Receive(Welcome(Node("c:1", 6)));
        driver.Take<MembershipEffect.NodeUp>();
        Assert.Empty(driver.Take<MembershipEffect.SeedsContacted>().Unanswered);
        driver.Take<MembershipEffect.Announceable>();
        driver.AssertNothingElse();

        driver.AdvanceHearing(TimeSpan.FromSeconds(3), Node("b:1", 5), Node("c:1", 6));
        Assert.Empty(driver.TakeEvents());
    }

    [Fact]
    public void The_node_is_announceable_when_the_time_for_the_first_contact_is_over_and_greets_on()
    {
        var driver = Started("b:1");

        driver.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.Empty(driver.TakeEvents());
        driver.Advance(TimeSpan.FromTicks(1));

        driver.Take<MembershipEffect.Announceable>();
        driver.TakeEvents();
        driver.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Enumerable.Repeat("b:1", 5), driver.TakeReceivers<MembershipMessage.Hello>());
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_seed_that_is_another_spelling_of_the_own_address_counts_as_answered_and_is_never_greeted_again()
    {
        var driver = Started("localhost:1");

        driver.Receive(Hello(driver.Core.Self.Node, target: "localhost:1"));

        Assert.Empty(driver.Take<MembershipEffect.SeedsContacted>().Unanswered);
        driver.Take<MembershipEffect.Announceable>();
        driver.AssertNothingElse();
        driver.Advance(TimeSpan.FromMinutes(1));
        driver.AssertNothingElse();
        Assert.Empty(driver.Core.Members);
    }

    [Fact]
    public void A_seed_that_advertises_another_spelling_counts_as_answered_until_that_node_is_lost()
    {
        var b = Node("b.example:1", 5);
        var driver = Started("b:1");

        driver.Receive(Welcome(b) with { Target = "b:1" });

        Assert.Equal(b, driver.Take<MembershipEffect.NodeUp>().Node.Node);
        driver.Take<MembershipEffect.Announceable>();
        driver.AdvanceHearing(TimeSpan.FromSeconds(5), b);
        Assert.Empty(driver.TakeReceivers<MembershipMessage.Hello>());

        driver.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal(MemberState.Removed, driver.StateOf("b.example:1"));
        Assert.Contains("b:1", driver.TakeReceivers<MembershipMessage.Hello>());
    }

    [Fact]
    public void Members_named_in_a_welcome_are_greeted_but_not_taken_for_members()
    {
        var (b, c, d) = (Node("b:1", 5), Node("c:1", 6), Node("d:1", 7));
        var driver = Started("b:1");
        driver.Receive(Hello(c));
        driver.TakeEvents();

        driver.Receive(Welcome(b, 0, Node(OwnAddress, 3), b, c, d));

        Assert.Equal(["d:1"], driver.TakeReceivers<MembershipMessage.Hello>());
        Assert.Null(driver.StateOf("d:1"));
        driver.Receive(Welcome(d));
        Assert.Equal(MemberState.Up, driver.StateOf("d:1"));
    }

    [Fact]
    public void A_welcome_that_nobody_asked_for_is_counted_and_changes_nothing()
    {
        var driver = Started("b:1");

        driver.Receive(Welcome(Node("c:1", 6), 500, Node("d:1", 7)));

        driver.AssertViolation(MembershipViolationKind.UnaskedWelcome);
        driver.AssertNothingElse();
        Assert.Empty(driver.Core.Members);
        Assert.Equal(100UL, driver.Core.Self.Node.Incarnation.Counter);
    }

    [Fact]
    public void A_joiner_whose_clock_went_back_rises_above_its_former_life_before_it_announces_anything()
    {
        var b = Node("b:1", 5);
        var driver = Started("b:1");

        driver.Receive(Welcome(b, knownCounter: 100));

        Assert.Equal(b, driver.Take<MembershipEffect.NodeUp>().Node.Node);
        Assert.Equal(101UL, driver.TakeSent<MembershipMessage.Announcement>().Message.Self.Node.Incarnation.Counter);
        Assert.Equal(101UL, driver.TakeSent<MembershipMessage.Hello>().Message.Self.Node.Incarnation.Counter);
        driver.AssertNothingElse();

        driver.Receive(Welcome(b));
        Assert.Equal(101UL, driver.Take<MembershipEffect.Announceable>().Self.Incarnation.Counter);
    }

    [Fact]
    public void A_former_life_learnt_of_after_the_announcement_raises_the_node_visibly()
    {
        var driver = Started("b:1");
        driver.Advance(TimeSpan.FromSeconds(2));
        driver.TakeEvents();
        var old = driver.Core.Self.Node;

        driver.Receive(Welcome(Node("b:1", 5), knownCounter: 700));

        var raised = driver.Take<MembershipEffect.SelfRaised>();
        Assert.Equal(old, raised.Old);
        Assert.Equal(Node(OwnAddress, 701, old.Incarnation.ProcessId), raised.Node);
        Assert.Equal(raised.Node, driver.Core.Self.Node);
    }

    [Fact]
    public void A_hello_of_an_earlier_life_is_told_the_counter_to_be_above_and_not_admitted()
    {
        var latest = Node("b:1", 50);
        var driver = With(latest);

        driver.Receive(Hello(Node("b:1", 40)));

        Assert.Equal(50UL, driver.TakeSent<MembershipMessage.Welcome>().Message.KnownCounter);
        driver.AssertNothingElse();
        Assert.Equal(latest, Assert.Single(driver.Core.Members).Node);
    }

    [Fact]
    public void A_process_that_greets_below_its_own_counter_is_told_to_take_that_counter_again()
    {
        var driver = With(Node("b:1", 50, processId: 7));

        driver.Receive(Hello(Node("b:1", 40, processId: 7)));

        Assert.Equal(49UL, driver.TakeSent<MembershipMessage.Welcome>().Message.KnownCounter);
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_hello_of_a_later_life_removes_the_former_one_first()
    {
        var (old, latest) = (Node("b:1", 50), Node("b:1", 60));
        var driver = With(old);

        driver.Receive(Hello(latest));

        driver.TakeSent<MembershipMessage.Welcome>();
        Assert.Collection(
            driver.TakeEvents(),
            effect => Assert.Equal(old, Assert.IsType<MembershipEffect.NodeRemoved>(effect).Node),
            effect => Assert.Equal(latest, Assert.IsType<MembershipEffect.NodeUp>(effect).Node.Node));
        Assert.Equal(latest, Assert.Single(driver.Core.Members).Node);
    }
}
