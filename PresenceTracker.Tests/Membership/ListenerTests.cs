using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

public sealed class ListenerTests
{
    private static readonly NodeId B = Node("b:1", 5);
    private static readonly NodeId C = Node("c:1", 6);

    [Fact]
    public void Who_is_pinged_answers_at_once_with_its_own_record()
    {
        var driver = With(B);

        driver.Receive(new MembershipMessage.Ping(77, Record(B), []));

        var (to, ack) = driver.TakeSent<MembershipMessage.Ack>();
        Assert.Equal(("b:1", 77UL, driver.Core.Self), (to, ack.Token, ack.Self));
        driver.AssertNothingElse();
    }

    [Fact]
    public void The_root_that_rests_rides_on_probes_and_answers_and_one_that_differs_is_reported()
    {
        var driver = With(B);
        driver.Receive(new MembershipMessage.Ping(1, Record(B), [], Root: 7));
        Assert.Null(driver.TakeSent<MembershipMessage.Ack>().Message.Root);
        driver.AssertNothingElse();

        driver.Do(new MembershipInput.RootRests(7));
        driver.Receive(new MembershipMessage.Ping(2, Record(B), [], Root: 7));
        driver.Receive(new MembershipMessage.Ping(3, Record(B), []));
        Assert.Equal([7, 7], driver.TakeAllSent<MembershipMessage.Ack>().Select(ack => ack.Message.Root));
        driver.AssertNothingElse();

        driver.Receive(new MembershipMessage.Ping(4, Record(B), [], Root: 8));
        Assert.Equal(B, driver.Take<MembershipEffect.RootDiffers>().Node);
        driver.TakeSent<MembershipMessage.Ack>();
        driver.Receive(new MembershipMessage.Ack(5, Record(B), [], Root: 9));
        Assert.Equal(B, driver.Take<MembershipEffect.RootDiffers>().Node);
        driver.Advance(Second);
        Assert.Equal(7UL, driver.TakeAllSent<MembershipMessage.Ping>()[0].Message.Root);
    }

    [Fact]
    public void A_suspect_that_speaks_at_the_refutation_that_is_doubted_is_told_so_and_is_up_once_it_has_raised_it()
    {
        var driver = With(B, C);
        driver.Receive(Told(C, UpdateKind.Suspect, B));
        driver.TakeEvents();

        driver.Receive(Announcement(B));
        var (to, told) = driver.TakeSent<MembershipMessage.Announcement>();
        Assert.Equal("b:1", to);
        Assert.Equal(new MemberUpdate(B, 1, UpdateKind.Suspect, "c:1"), told.Updates[0]);
        driver.AssertNothingElse();

        driver.Receive(Announcement(B, refutation: 2));
        Assert.Equal([new MembershipEffect.NodeTrusted(B)], driver.TakeEvents());
        Assert.Equal(MemberState.Up, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_down_node_is_told_so_by_whatever_it_is_answered_and_returns_in_the_same_life_once_it_has_refuted_it()
    {
        var driver = With(B, C);
        driver.Receive(Told(C, UpdateKind.Down, B));
        Assert.Equal([new MembershipEffect.NodeDown(B)], driver.TakeEvents());
        var down = new MemberUpdate(B, 1, UpdateKind.Down);

        driver.Receive(new MembershipMessage.Ping(1, Record(B), []));
        Assert.Equal(down, driver.TakeSent<MembershipMessage.Ack>().Message.Updates[0]);
        driver.Receive(Hello(B));
        driver.TakeSent<MembershipMessage.Welcome>();
        Assert.Equal(down, driver.TakeSent<MembershipMessage.Announcement>().Message.Updates[0]);
        driver.TakeEvents();
        driver.Receive(Welcome(B));
        Assert.Equal(down, driver.TakeSent<MembershipMessage.Announcement>().Message.Updates[0]);
        driver.AssertNothingElse();

        driver.Receive(Announcement(B, refutation: 2));
        Assert.Equal(B, driver.Take<MembershipEffect.NodeReturned>().Node.Node);
        driver.AssertNothingElse();
    }

    [Theory]
    [InlineData(UpdateKind.Suspect)]
    [InlineData(UpdateKind.Down)]
    public void A_node_that_hears_of_its_own_doubt_refutes_it_to_the_teller_at_once_and_to_all_by_what_it_sends(UpdateKind kind)
    {
        var driver = With(B, C);
        var self = driver.Core.Self.Node;

        driver.Receive(Told(B, kind, self));

        var (to, announcement) = driver.TakeSent<MembershipMessage.Announcement>();
        Assert.Equal(("b:1", 2UL), (to, announcement.Self.Refutation));
        driver.AssertNothingElse();
        driver.Receive(new MembershipMessage.Ping(1, Record(C), []));
        Assert.Contains(new MemberUpdate(self, 2, UpdateKind.Alive), driver.TakeSent<MembershipMessage.Ack>().Message.Updates);
        driver.Receive(Told(B, kind, self));
        driver.AssertNothingElse();
        Assert.Equal(2UL, driver.Core.Self.Refutation);
    }

    [Fact]
    public void That_the_own_life_has_left_is_counted_and_believed_by_nobody_here()
    {
        var driver = With(B);

        driver.Receive(Told(B, UpdateKind.Left, driver.Core.Self.Node));

        driver.AssertViolation(MembershipViolationKind.MisaddressedNotice);
        driver.AssertNothingElse();
        Assert.Equal(1UL, driver.Core.Self.Refutation);
    }

    [Fact]
    public void Of_two_updates_at_one_refutation_the_worse_rules_and_a_higher_refutation_rules_over_all()
    {
        var driver = With(B, C);

        driver.Receive(Told(C, UpdateKind.Down, B, refutation: 3));
        Assert.Equal([new MembershipEffect.NodeDown(B)], driver.TakeEvents());
        driver.Receive(Told(C, UpdateKind.Suspect, B, refutation: 3));
        driver.Receive(Told(C, UpdateKind.Alive, B, refutation: 3));
        driver.Receive(Told(C, UpdateKind.Alive, B, refutation: 2));
        driver.AssertNothingElse();

        driver.Receive(Told(C, UpdateKind.Suspect, B, refutation: 4));
        Assert.Collection(
            driver.TakeEvents(),
            effect => Assert.IsType<MembershipEffect.NodeReturned>(effect),
            effect => Assert.Equal(new MembershipEffect.NodeSuspected(B), effect));
        driver.Receive(Told(C, UpdateKind.Alive, B, refutation: 5));
        Assert.Equal([new MembershipEffect.NodeTrusted(B)], driver.TakeEvents());
    }

    [Fact]
    public void What_is_said_of_another_life_at_the_address_changes_nothing_but_may_be_a_reason_to_greet()
    {
        var driver = With(B, C);

        driver.Receive(Told(C, UpdateKind.Down, Node("b:1", 4)));
        driver.Receive(Told(C, UpdateKind.Suspect, Node("b:1", 4)));
        driver.Receive(Told(C, UpdateKind.Down, Node("b:1", 6)));
        driver.AssertNothingElse();

        driver.Advance(Second);
        driver.TakeEvents();
        driver.Receive(Told(C, UpdateKind.Alive, Node("b:1", 6)));
        Assert.Equal("b:1", driver.TakeSent<MembershipMessage.Hello>().To);
        driver.AssertNothingElse();
        Assert.Equal(B, driver.Core.Members[0].Node);
    }

    [Fact]
    public void An_unknown_node_that_others_tell_of_is_greeted_and_no_member_before_it_has_spoken_itself()
    {
        var driver = With(B);

        driver.Receive(Told(B, UpdateKind.Alive, C));

        Assert.Equal("c:1", driver.TakeSent<MembershipMessage.Hello>().To);
        driver.AssertNothingElse();
        Assert.Null(driver.StateOf("c:1"));
        driver.Receive(Welcome(C));
        Assert.Equal(C, driver.Take<MembershipEffect.NodeUp>().Node.Node);
    }

    [Fact]
    public void Who_joins_and_who_leaves_is_told_on()
    {
        var driver = With(B);
        driver.Receive(Hello(C));
        driver.TakeEvents();
        driver.Receive(new MembershipMessage.Ping(1, Record(B), []));
        Assert.Contains(new MemberUpdate(C, 1, UpdateKind.Alive), driver.TakeSent<MembershipMessage.Ack>().Message.Updates);

        driver.Receive(new MembershipMessage.Leaving(C));
        driver.TakeEvents();
        driver.Receive(new MembershipMessage.Ping(2, Record(B), []));
        Assert.Contains(new MemberUpdate(C, 0, UpdateKind.Left), driver.TakeSent<MembershipMessage.Ack>().Message.Updates);
    }

    [Fact]
    public void A_leave_that_is_heard_from_another_removes_at_once_and_whoever_still_speaks_of_the_node_is_told()
    {
        var driver = With(B, C);
        driver.Receive(Told(B, UpdateKind.Left, C));
        Assert.Equal([new MembershipEffect.NodeRemoved(C, LeaveReason.NodeLeft)], driver.TakeEvents());
        Spread(driver);

        driver.Receive(Told(B, UpdateKind.Suspect, C));
        driver.AssertNothingElse();
        driver.Receive(new MembershipMessage.Ping(1, Record(B), []));
        Assert.Equal([new MemberUpdate(C, 0, UpdateKind.Left)], driver.TakeSent<MembershipMessage.Ack>().Message.Updates.ToArray());
    }

    [Fact]
    public void A_word_from_an_unknown_address_is_answered_by_a_hello_at_most_once_per_second()
    {
        var driver = Started();

        driver.Receive(Announcement(Node("b:1", 5)));
        driver.Receive(Announcement(Node("b:1", 5)));

        var (to, hello) = driver.TakeSent<MembershipMessage.Hello>();
        Assert.Equal(("b:1", "b:1"), (to, hello.Target));
        driver.AssertNothingElse();
        Assert.Empty(driver.Core.Members);
    }

    [Fact]
    public void A_word_of_an_earlier_life_is_no_proof_of_life_and_answered_by_a_notice()
    {
        var latest = Node("b:1", 50);
        var driver = With(latest);

        driver.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([new MembershipEffect.NodeSuspected(latest)], driver.TakeEvents());
        driver.Receive(Announcement(Node("b:1", 40), refutation: 9));

        Assert.Equal(new MembershipMessage.RemovalNotice(latest, 0), driver.TakeSent<MembershipMessage.RemovalNotice>().Message);
        driver.AssertNothingElse();
        Assert.Equal(MemberState.Suspect, driver.StateOf("b:1"));
    }

    [Fact]
    public void A_later_life_at_the_address_removes_the_former_one_by_the_handshake_and_by_no_other_word()
    {
        var (old, latest) = (Node("b:1", 50), Node("b:1", 60));
        var driver = With(old);

        driver.Receive(Announcement(latest));
        Assert.Empty(driver.TakeEvents());

        driver.Receive(Welcome(latest));
        Assert.Collection(
            driver.TakeEvents(),
            effect => Assert.Equal(new MembershipEffect.NodeRemoved(old, LeaveReason.NodeDown), effect),
            effect => Assert.Equal(latest, Assert.IsType<MembershipEffect.NodeUp>(effect).Node.Node));
    }

    [Fact]
    public void The_same_process_under_a_higher_counter_is_renamed_and_not_removed()
    {
        var (old, latest) = (Node("b:1", 50, 7), Node("b:1", 60, 7));
        var driver = With(old);

        driver.Receive(Announcement(latest, 1, new ShardEpoch(2, 1, 30)));

        var renamed = driver.Take<MembershipEffect.NodeRenamed>();
        Assert.Equal(old, renamed.Old);
        Assert.Equal(latest, renamed.Node.Node);
        Assert.Equal([new ShardEpoch(2, 1, 30)], renamed.Node.Epochs.ToArray());
        driver.AssertNothingElse();

        driver.Receive(Announcement(old));
        driver.AssertNothingElse();
        Assert.Equal(latest, Assert.Single(driver.Core.Members).Node);
    }

    [Fact]
    public void A_new_epoch_is_reported_once_and_a_lower_one_never()
    {
        var b = Node("b:1", 5);
        var driver = With(b);

        driver.Receive(Announcement(b, 1, new ShardEpoch(1, 2, 10), new ShardEpoch(3, 1, 0)));
        Assert.Equal(
            [new MembershipEffect.EpochRaised(b, new(1, 2, 10)), new MembershipEffect.EpochRaised(b, new(3, 1, 0))],
            driver.TakeEvents());

        driver.Receive(Announcement(b, 1, new ShardEpoch(1, 1, 99), new ShardEpoch(3, 1, 99)));
        driver.Receive(Announcement(b));
        driver.AssertNothingElse();
    }

    [Fact]
    public void A_new_epoch_of_a_down_node_is_reported_before_its_return()
    {
        var b = Node("b:1", 5);
        var driver = With(b);
        driver.Advance(TimeSpan.FromSeconds(10));
        driver.TakeEvents();

        driver.Receive(Announcement(b, 2, new ShardEpoch(1, 2, 10)));

        Assert.Collection(
            driver.TakeEvents(),
            effect => Assert.Equal(new MembershipEffect.EpochRaised(b, new(1, 2, 10)), effect),
            effect => Assert.Equal([new(1, 2, 10)], Assert.IsType<MembershipEffect.NodeReturned>(effect).Node.Epochs.ToArray()));
    }

    [Fact]
    public void An_own_new_epoch_is_told_to_every_member_at_once()
    {
        var driver = With(Node("b:1", 5), Node("c:1", 6));

        driver.Do(new MembershipInput.ShardEpochCompleted(new ShardEpoch(7, 1, 12)));

        Assert.Equal(["b:1", "c:1"], driver.TakeReceivers<MembershipMessage.Announcement>());
        Assert.Equal([new(7, 1, 12)], driver.Core.Self.Epochs.ToArray());
        driver.AssertNothingElse();
        Assert.Throws<ArgumentException>(() => driver.Do(new MembershipInput.ShardEpochCompleted(new ShardEpoch(8, 1, 0))));
        Assert.Throws<ArgumentException>(() => driver.Do(new MembershipInput.ShardEpochCompleted(new ShardEpoch(0, 0, 0))));
    }

    [Fact]
    public void A_timer_that_was_overtaken_does_nothing()
    {
        var driver = With(Node("b:1", 5));

        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.PeriodOver(99)));
        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.ProbeOverdue(99)));
        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.RelayOverdue(99)));
        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.SuspicionOver(99, Node("b:1", 5))));
        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.GreetingDue(99)));
        driver.Do(new MembershipInput.TimerFired(new MembershipTimer.FirstContactOver(99)));

        driver.AssertNothingElse();
    }

    /// <summary>Until nothing is left to be told on.</summary>
    private static void Spread(CoreDriver driver)
    {
        do
        {
            driver.Receive(new MembershipMessage.Ping(1, Record(B), []));
        }
        while (!driver.TakeSent<MembershipMessage.Ack>().Message.Updates.IsEmpty);
    }
}
