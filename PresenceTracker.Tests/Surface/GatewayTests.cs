using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using PresenceTracker.Errors;
using PresenceTracker.Gateway;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;

namespace PresenceTracker.Tests.Surface;

public sealed class GatewayTests : TestKit
{
    private const string Room = "room:1";

    private readonly Tracker _tracker;
    private readonly IActorRef _gateway;

    public GatewayTests()
        : base(ConfigurationFactory.ParseString("akka.loglevel = OFF, akka.stdout-loglevel = OFF, presence.subscriber-queue = 4"))
    {
        var extension = PresenceTrackerExtension.For(Sys);
        (_tracker, _gateway) = (extension.Tracker, extension.Gateway);
    }

    [Fact]
    public async Task The_sender_owns_what_it_tracks_until_it_says_otherwise_or_stops()
    {
        var first = CreateTestProbe();
        var second = CreateTestProbe();
        _gateway.Tell(new TrackerMessage.Track(Room, "alice"), first);
        Assert.Equal(TrackStatus.Tracked, (await Answer<TrackResult>(first)).Status);
        _gateway.Tell(new TrackerMessage.Track(Room, "bob", Metas.From(new { n = 1 })), second);
        Assert.Equal(TrackStatus.Tracked, (await Answer<TrackResult>(second)).Status);
        _gateway.Tell(new TrackerMessage.Track(Room, "bob"), second);
        Assert.Equal(TrackStatus.AlreadyTracked, (await Answer<TrackResult>(second)).Status);
        _gateway.Tell(new TrackerMessage.TrackOrUpdate(Room, "bob", Metas.From(new { n = 2 })), second);
        Assert.Equal(TrackStatus.Updated, (await Answer<TrackResult>(second)).Status);
        _gateway.Tell(new TrackerMessage.Update(Room, "bob", Metas.From(new { n = 3 })), second);
        Assert.Equal(TrackStatus.Updated, (await Answer<TrackResult>(second)).Status);

        _gateway.Tell(new TrackerMessage.List(Room), second);
        var view = await Answer<TopicView>(second);
        Assert.Equal(["alice", "bob"], view.Keys);
        Assert.Equal("""{"n":3}""", Assert.Single(view.GetByKey("bob")).Meta.ToString());

        _gateway.Tell(new TrackerMessage.Untrack(Room, "bob"), second);
        Assert.Equal(TrackStatus.Untracked, (await Answer<TrackResult>(second)).Status);
        await using var subscription = await _tracker.SubscribeAsync(Room);
        Sys.Stop(first);
        Assert.Equal(LeaveReason.OwnerDied, (await subscription.NextEventAsync()).Reason);
    }

    [Fact]
    public async Task Another_owner_can_be_named()
    {
        var result = await _gateway.Ask<TrackResult>(
            new TrackerMessage.Track(Room, "alice", Owner: Owner.Lease(TimeSpan.FromMinutes(1))), Expect.Patience);

        Assert.Equal(TrackStatus.Tracked, result.Status);
        Assert.Equal("lease:http", Assert.Single(_tracker.List(Room)).Owner);
    }

    [Fact]
    public async Task Who_asks_is_nobody_who_could_own_or_subscribe()
    {
        await Assert.ThrowsAsync<UnwatchableActorException>(
            () => _gateway.Ask<TrackResult>(new TrackerMessage.Track(Room, "alice"), Expect.Patience));
        await Assert.ThrowsAsync<UnwatchableActorException>(
            () => _gateway.Ask<TopicView>(new TrackerMessage.Subscribe(Room), Expect.Patience));
        _gateway.Tell(new TrackerMessage.Track(Room, "alice"), ActorRefs.NoSender);

        Assert.Empty(await _gateway.Ask<TopicView>(new TrackerMessage.List(Room), Expect.Patience));
    }

    [Fact]
    public async Task Bad_input_is_answered_by_the_error_that_the_method_throws()
    {
        var probe = CreateTestProbe();
        await Fails<LimitExceededException>(new TrackerMessage.Track(new string('t', 513), "alice"));
        await Fails<LimitExceededException>(new TrackerMessage.TrackOrUpdate(Room, ""));
        await Fails<LimitExceededException>(new TrackerMessage.Update(Room, new string('k', 257), Meta.Empty));
        await Fails<LimitExceededException>(new TrackerMessage.Untrack("", "alice"));
        await Fails<LimitExceededException>(new TrackerMessage.Subscribe(""));
        await Fails<ArgumentNullException>(new TrackerMessage.Track(null!, "alice"));
        await Fails<ArgumentNullException>(new TrackerMessage.Update(Room, "alice", null!));
        await Fails<ArgumentNullException>(new TrackerMessage.List(null!));
        await Fails<ArgumentNullException>(new TrackerMessage.Subscribe(null!));

        _gateway.Tell(new TrackerMessage.List(Room), probe);
        Assert.Empty(await Answer<TopicView>(probe));

        async Task Fails<TException>(TrackerMessage message)
            where TException : Exception
        {
            _gateway.Tell(message, probe);
            Assert.IsType<TException>((await Answer<Status.Failure>(probe)).Cause);
        }
    }

    [Fact]
    public async Task A_subscriber_gets_the_topic_and_then_each_diff_until_it_says_otherwise()
    {
        var probe = CreateTestProbe();
        await _tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));
        _gateway.Tell(new TrackerMessage.Subscribe(Room), probe);
        Assert.Equal(["alice"], (await Answer<TopicView>(probe)).Keys);
        Assert.Equal(_gateway, probe.LastSender);
        _gateway.Tell(new TrackerMessage.Subscribe(Room), probe);
        for (var i = 0; i < 20; i++)
        {
            await _tracker.TrackAsync(Room, $"user {i:d2}", Owner.Connection("c1"));
        }

        var keys = new HashSet<string>();
        while (keys.Count < 20)
        {
            keys.UnionWith((await Answer<TopicDiff>(probe)).KeysJoined);
        }

        _gateway.Tell(new TrackerMessage.Unsubscribe(Room), probe);
        _gateway.Tell(new TrackerMessage.Subscribe(Room), probe);
        Assert.Equal(21, (await Answer<TopicView>(probe)).KeyCount);
        await _tracker.TrackAsync(Room, "bob", Owner.Connection("c1"));
        Assert.Equal(["bob"], (await Answer<TopicDiff>(probe)).KeysJoined);

        _gateway.Tell(new TrackerMessage.Unsubscribe(Room), probe);
        await NoForwardingAsync();
        await _tracker.TrackAsync(Room, "carol", Owner.Connection("c1"));
        _gateway.Tell(new TrackerMessage.List(Room), probe);
        Assert.Equal(23, (await Answer<TopicView>(probe)).KeyCount);
    }

    [Fact]
    public async Task What_a_subscriber_that_stands_still_has_in_its_mailbox_stays_bounded_and_folds_to_the_list_when_it_goes_on()
    {
        // A window, of which the snapshot is in hand, and the question whether all of it has been handled.
        const int QueuedMax = ForwardingActor.Window;
        using var gate = new ManualResetEventSlim();
        using var isBlocked = new ManualResetEventSlim();
        var subscriber = (ActorRefWithCell)Sys.ActorOf(Props.Create(() => new BlockedSubscriber(isBlocked, gate)));
        _gateway.Tell(new TrackerMessage.Subscribe(Room), subscriber);
        await Expect.UntilAsync(() => isBlocked.IsSet, "the snapshot");
        var queuedMost = 0;

        for (var i = 1; i <= 3 * QueuedMax; i++)
        {
            await _tracker.TrackAsync(Room, $"user {i}", Owner.Connection("c1"));
            var due = Math.Min(i, QueuedMax);
            await Expect.UntilAsync(() => Queued() >= due, $"{due} messages in the mailbox");
            queuedMost = Math.Max(queuedMost, Queued());
        }

        Assert.Equal(QueuedMax, queuedMost);
        gate.Set();
        var fold = await subscriber.Ask<TopicFold>($"user {3 * QueuedMax}", Expect.Patience);
        Assert.Null(fold.DifferenceFrom(_tracker.List(Room)));
        Assert.Empty(fold.Faults);
        Assert.InRange(fold.Diffs, QueuedMax, 2 * QueuedMax);

        int Queued() => subscriber.Underlying.NumberOfMessages;
    }

    [Fact]
    public async Task A_subscription_ends_with_its_subscriber()
    {
        var probe = CreateTestProbe();
        _gateway.Tell(new TrackerMessage.Subscribe(Room), probe);
        _gateway.Tell(new TrackerMessage.Subscribe("room:2"), probe);
        await Answer<TopicView>(probe);
        await Answer<TopicView>(probe);

        Sys.Stop(probe);

        await NoForwardingAsync();
    }

    [Fact]
    public async Task A_subscriber_is_told_when_the_tracker_stops()
    {
        var probe = CreateTestProbe();
        _gateway.Tell(new TrackerMessage.Subscribe(Room), probe);
        await Answer<TopicView>(probe);

        await _tracker.LeaveAsync();

        Assert.IsType<TrackerStoppedException>((await Answer<Status.Failure>(probe)).Cause);
        _gateway.Tell(new TrackerMessage.Track(Room, "alice"), probe);
        Assert.IsType<TrackerStoppedException>((await Answer<Status.Failure>(probe)).Cause);
        _gateway.Tell(new TrackerMessage.Subscribe(Room), probe);
        Assert.IsType<TrackerStoppedException>((await Answer<Status.Failure>(probe)).Cause);
    }

    /// <summary>Stands still as soon as it has the snapshot, until the gate opens; then answers with its fold once it has seen a key.</summary>
    private sealed class BlockedSubscriber : ReceiveActor
    {
        private TopicFold? _fold;
        private TopicView? _seen;
        private (string Key, IActorRef Asker)? _question;

        public BlockedSubscriber(ManualResetEventSlim isBlocked, ManualResetEventSlim gate)
        {
            Receive<TopicView>(snapshot =>
            {
                _fold = new TopicFold(snapshot);
                _seen = snapshot;
                isBlocked.Set();
                gate.Wait();
            });
            Receive<TopicDiff>(diff =>
            {
                _fold!.Apply(diff);
                _seen = diff.After;
                AnswerOnceSeen();
            });
            Receive<string>(key =>
            {
                _question = (key, Sender);
                AnswerOnceSeen();
            });
        }

        private void AnswerOnceSeen()
        {
            if (_question is var (key, asker) && _seen!.GetByKey(key).Count > 0)
            {
                asker.Tell(_fold);
                _question = null;
            }
        }
    }

    private static Task<TMessage> Answer<TMessage>(TestProbe probe) => probe.ExpectMsgAsync<TMessage>(Expect.Patience).AsTask();

    private Task NoForwardingAsync() => Expect.UntilAsync(
        () => !((ActorRefWithCell)_gateway).Children.Any(), "the subscriptions to end");
}
