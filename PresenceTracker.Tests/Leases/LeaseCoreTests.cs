using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Leases;

/// <summary>The lease core, effect by effect.</summary>
public sealed class LeaseCoreTests
{
    private const ulong FirstToken = 70;

    private static readonly LeaseOptions Options = new() { OutstandingMax = 2, RepeatedMax = 1, ServingMax = 2 };
    private static readonly NodeId B = Node("b", 1);
    private static readonly NodeId C = Node("c", 1);
    private static readonly ImmutableArray<LeaseCall> Calls = [Renewal("alice"), LeaseCall.End(Id("bob"))];
    private static readonly ImmutableArray<TrackResult> Results =
        [new(TrackStatus.AlreadyTracked, "r1"), new(TrackStatus.NotTracked, null)];

    private readonly LeaseCore _core = new(Options, FirstToken);

    private MonotonicTime Now { get; set; } = new(TimeSpan.FromSeconds(500).Ticks);

    public LeaseCoreTests()
    {
        Give(new LeaseInput.PeerUp(B));
        Give(new LeaseInput.PeerUp(C));
    }

    [Fact]
    public void What_is_asked_is_sent_once_with_a_timer_and_settled_by_the_answer()
    {
        Assert.Equal(
            [
                new LeaseEffect.SendMessage(B, new LeaseMessage.LeaseRequest(FirstToken, Calls)),
                new LeaseEffect.ScheduleTimer(FirstToken, TimeSpan.FromSeconds(1)),
            ],
            Give(new LeaseInput.Asked(1, B, Calls)));

        Assert.Equal([new LeaseEffect.Settle(1, LeaseOutcome.Answered, Results)], Give(AnswerFrom(B, FirstToken)));
        Assert.Equal(0, _core.OutstandingCount);
    }

    [Fact]
    public void Who_does_not_answer_in_time_has_not_answered_and_a_late_answer_changes_nothing()
    {
        Give(new LeaseInput.Asked(1, B, Calls));

        Assert.Equal([new LeaseEffect.Settle(1, LeaseOutcome.Unanswered, default)], Give(new LeaseInput.AnswerOverdue(FirstToken)));
        Assert.Empty(Give(AnswerFrom(B, FirstToken)));
    }

    [Fact]
    public void A_second_answer_and_the_timer_of_an_answered_request_change_nothing()
    {
        Give(new LeaseInput.Asked(1, B, Calls));
        Give(AnswerFrom(B, FirstToken));
        Give(new LeaseInput.Asked(2, B, Calls));

        Assert.Empty(Give(AnswerFrom(B, FirstToken)));
        Assert.Empty(Give(new LeaseInput.AnswerOverdue(FirstToken)));
        Assert.Equal(1, _core.OutstandingCount);
    }

    [Fact]
    public void A_holder_that_is_not_up_has_not_answered()
    {
        Assert.Equal([new LeaseEffect.Settle(1, LeaseOutcome.Unanswered, default)], Give(new LeaseInput.Asked(1, Node("d", 1), Calls)));
    }

    [Fact]
    public void A_holder_that_goes_has_not_answered_and_is_not_waited_for()
    {
        Give(new LeaseInput.Asked(1, B, Calls));
        Give(new LeaseInput.Asked(2, C, Calls));

        Assert.Equal([new LeaseEffect.Settle(1, LeaseOutcome.Unanswered, default)], Give(new LeaseInput.PeerGone(B)));
        Assert.Equal(1, _core.OutstandingCount);
        Assert.Equal([new LeaseEffect.Settle(3, LeaseOutcome.Unanswered, default)], Give(new LeaseInput.Asked(3, B, Calls)));
    }

    [Fact]
    public void A_holder_that_goes_on_under_a_higher_incarnation_is_asked_under_that()
    {
        var later = Node("b", 2);
        Give(new LeaseInput.PeerGone(B));
        Give(new LeaseInput.PeerUp(later));

        Assert.Equal(later, Give(new LeaseInput.Asked(1, B, Calls)).OfType<LeaseEffect.SendMessage>().Single().To);
    }

    [Fact]
    public void A_word_of_an_earlier_life_at_the_address_does_not_end_the_later_one()
    {
        var later = Node("b", 2);
        Give(new LeaseInput.PeerUp(later));

        Give(new LeaseInput.PeerGone(B));

        Assert.Equal(later, Give(new LeaseInput.Asked(1, later, Calls)).OfType<LeaseEffect.SendMessage>().Single().To);
    }

    [Fact]
    public void Beyond_the_limit_of_outstanding_requests_nothing_is_sent()
    {
        Give(new LeaseInput.Asked(1, B, Calls));
        Give(new LeaseInput.Asked(2, C, Calls));

        Assert.Equal([new LeaseEffect.Settle(3, LeaseOutcome.Refused, default)], Give(new LeaseInput.Asked(3, B, Calls)));

        Give(AnswerFrom(C, FirstToken + 1));
        Assert.Contains(Give(new LeaseInput.Asked(4, B, Calls)), effect => effect is LeaseEffect.SendMessage);
    }

    [Fact]
    public void A_request_of_a_peer_is_served_and_answered_each_time_it_comes()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal([new LeaseEffect.Serve(B, 5, Calls)], Give(RequestFrom(B, 5)));
            Assert.Equal(
                [new LeaseEffect.SendMessage(B, new LeaseMessage.LeaseAnswer(5, Results, Now))], Give(new LeaseInput.Served(B, 5, Results)));
        }
    }

    [Fact]
    public void Nothing_is_said_when_a_shard_has_failed_or_the_asker_has_gone()
    {
        Give(RequestFrom(B, 5));
        Give(RequestFrom(C, 6));
        Give(new LeaseInput.PeerGone(C));

        Assert.Empty(Give(new LeaseInput.Served(B, 5, default)));
        Assert.Empty(Give(new LeaseInput.Served(C, 6, Results)));
    }

    [Fact]
    public void Messages_of_who_is_not_a_peer_are_counted_and_change_nothing()
    {
        Give(new LeaseInput.Asked(1, B, Calls));
        foreach (var stranger in new[] { Node("d", 1), Node("b", 2) })
        {
            var counted = new LeaseEffect.ReportViolation(LeaseViolation.NotAPeer, stranger);
            Assert.Equal([counted], Give(RequestFrom(stranger, 5)));
            Assert.Equal([counted], Give(AnswerFrom(stranger, FirstToken)));
        }

        Assert.Equal(1, _core.OutstandingCount);
    }

    [Fact]
    public void An_answer_that_does_not_fit_the_request_is_counted_and_changes_nothing()
    {
        Give(new LeaseInput.Asked(1, B, Calls));

        Assert.Equal([new LeaseEffect.ReportViolation(LeaseViolation.MalformedAnswer, C)], Give(AnswerFrom(C, FirstToken)));
        Assert.Equal(
            [new LeaseEffect.ReportViolation(LeaseViolation.MalformedAnswer, B)],
            Give(new LeaseInput.MessageReceived(B, new LeaseMessage.LeaseAnswer(FirstToken, Results[..1], Now))));
        Assert.Contains(Give(AnswerFrom(B, FirstToken)), effect => effect is LeaseEffect.Settle { Outcome: LeaseOutcome.Answered });
    }

    [Fact]
    public void A_request_of_nothing_or_of_too_much_is_counted_and_not_served()
    {
        var many = Enumerable.Repeat(Calls[0], Options.CallsMax + 1).ToImmutableArray();
        foreach (var calls in new[] { [], many })
        {
            Assert.Equal(
                [new LeaseEffect.ReportViolation(LeaseViolation.MalformedRequest, B)],
                Give(new LeaseInput.MessageReceived(B, new LeaseMessage.LeaseRequest(1, calls))));
        }
    }

    [Fact]
    public void More_requests_than_may_wait_are_counted_and_not_served()
    {
        Give(RequestFrom(B, 1));
        Give(RequestFrom(C, 2));

        Assert.Equal([new LeaseEffect.ReportViolation(LeaseViolation.TooManyRequests, B)], Give(RequestFrom(B, 3)));

        Give(new LeaseInput.Served(C, 2, default));
        Assert.Equal([new LeaseEffect.Serve(B, 4, Calls)], Give(RequestFrom(B, 4)));
    }

    [Fact]
    public void Many_calls_are_cut_into_messages_within_their_limits_and_keep_their_order()
    {
        var options = new LeaseOptions();
        var meta = Meta.TryParse($$"""{"m":"{{new string('m', 4_000)}}"}""", out _);
        LeaseCall[] calls =
        [
            .. Enumerable.Range(0, 3_000).Select(i => Renewal($"small-{i}")),
            .. Enumerable.Range(0, 100).Select(i => Renewal($"large-{i}") with { Meta = meta }),
        ];

        var messages = LeaseCore.Split(calls, options).ToList();

        Assert.Equal(calls, messages.SelectMany(message => message));
        Assert.All(messages, message => Assert.InRange(message.Length, 1, options.CallsMax));
        Assert.All(messages, message => Assert.InRange(message.Sum(call => call.EncodedBytesMax), 1, options.MessageBytesMax));
        Assert.InRange(messages.Count, 9, 12);
        Assert.Empty(LeaseCore.Split([], options));
    }

    [Fact]
    public void An_end_is_repeated_by_the_clock_of_the_holder_once_that_is_known()
    {
        var ended = new LeaseEnd(Id("alice"), Now);
        Now += TimeSpan.FromSeconds(10);
        Assert.Equal(
            [
                new LeaseEffect.SendMessage(B, new LeaseMessage.LeaseRequest(FirstToken, [LeaseCall.EndAgain(Id("alice"), default)])),
                new LeaseEffect.ScheduleTimer(FirstToken, TimeSpan.FromSeconds(1)),
            ],
            Give(new LeaseInput.RepeatEnds(B, [ended])), Sent);

        Now += TimeSpan.FromSeconds(0.5);
        var clock = new MonotonicTime(TimeSpan.FromSeconds(20).Ticks);
        var since = new MonotonicTime((TimeSpan.FromSeconds(20) - (TimeSpan.FromSeconds(10.5) * 1.001)).Ticks);
        var second = Give(Repeated(FirstToken, TrackStatus.AlreadyTracked, clock));
        Assert.Equal(
            [
                new LeaseEffect.SendMessage(B, new LeaseMessage.LeaseRequest(FirstToken + 1, [LeaseCall.EndAgain(Id("alice"), since)])),
                new LeaseEffect.ScheduleTimer(FirstToken + 1, TimeSpan.FromSeconds(1)),
            ],
            second, Sent);

        Assert.Empty(Give(Repeated(FirstToken + 1, TrackStatus.Untracked, clock)));
        Assert.Equal(0, _core.OutstandingCount);
    }

    [Theory]
    [InlineData(TrackStatus.NotTracked, 1_000)]
    [InlineData(TrackStatus.AlreadyTracked, 1)]
    public void What_the_holder_does_not_hold_is_not_repeated_and_nothing_counts_before_its_clock_began(TrackStatus status, int clockSeconds)
    {
        Give(new LeaseInput.RepeatEnds(B, [new LeaseEnd(Id("alice"), default)]));

        var effects = Give(Repeated(FirstToken, status, new MonotonicTime(TimeSpan.FromSeconds(clockSeconds).Ticks)));

        Assert.Equal(
            status == TrackStatus.NotTracked ? [] : [LeaseCall.EndAgain(Id("alice"), default)],
            effects.OfType<LeaseEffect.SendMessage>().SelectMany(sent => ((LeaseMessage.LeaseRequest)sent.Message).Calls));
    }

    [Fact]
    public void An_end_is_repeated_until_the_holder_answers_or_goes()
    {
        Give(new LeaseInput.RepeatEnds(B, [new LeaseEnd(Id("alice"), Now)]));
        Assert.Single(Give(new LeaseInput.AnswerOverdue(FirstToken)).OfType<LeaseEffect.SendMessage>());
        Assert.Empty(Give(Repeated(FirstToken, TrackStatus.AlreadyTracked, Now)));

        Assert.Empty(Give(new LeaseInput.PeerGone(B)));
        Assert.Empty(Give(new LeaseInput.AnswerOverdue(FirstToken + 1)));
        Assert.Empty(Give(new LeaseInput.RepeatEnds(B, [new LeaseEnd(Id("alice"), Now)])));
        Assert.Equal(0, _core.OutstandingCount);
    }

    [Fact]
    public void Ends_beyond_what_may_be_repeated_at_one_time_are_counted_and_not_repeated()
    {
        Give(new LeaseInput.RepeatEnds(B, [new LeaseEnd(Id("carol"), Now)]));

        Assert.Equal(
            [new LeaseEffect.ReportEndsForgotten(2)],
            Give(new LeaseInput.RepeatEnds(C, [new LeaseEnd(Id("alice"), Now), new LeaseEnd(Id("bob"), Now)])));
    }

    [Fact]
    public void A_holder_that_is_silent_about_ends_takes_no_place_of_callers_nor_they_of_the_ends()
    {
        Give(new LeaseInput.RepeatEnds(B, [new LeaseEnd(Id("alice"), Now)]));

        Assert.Contains(Give(new LeaseInput.Asked(1, C, Calls)), effect => effect is LeaseEffect.SendMessage);
        Assert.Contains(Give(new LeaseInput.Asked(2, C, Calls)), effect => effect is LeaseEffect.SendMessage);
        Assert.Contains(Give(new LeaseInput.AnswerOverdue(FirstToken)), effect => effect is LeaseEffect.SendMessage);
        Assert.Equal(3, _core.OutstandingCount);
    }

    private static LeaseInput Repeated(ulong token, TrackStatus status, MonotonicTime clock) => new LeaseInput.MessageReceived(
        B, new LeaseMessage.LeaseAnswer(token, [new TrackResult(status, null)], clock));

    private static bool Sent(LeaseEffect expected, LeaseEffect seen) => (expected, seen) switch
    {
        (LeaseEffect.SendMessage(var to, LeaseMessage.LeaseRequest one), LeaseEffect.SendMessage(var other, LeaseMessage.LeaseRequest another)) =>
            to == other && one.Token == another.Token && one.Calls.SequenceEqual(another.Calls),
        _ => expected == seen,
    };

    private static NodeId Node(string name, ulong counter) => new($"{name}:4053", new Incarnation(counter, 1));

    private static PresenceId Id(string key) => new("room:1", key, "lease:http");

    private static LeaseCall Renewal(string key) => LeaseCall.Renewal(Id(key), TimeSpan.FromSeconds(30), meta: null);

    private LeaseInput AnswerFrom(NodeId from, ulong token) =>
        new LeaseInput.MessageReceived(from, new LeaseMessage.LeaseAnswer(token, Results, Now));

    private static LeaseInput RequestFrom(NodeId from, ulong token) =>
        new LeaseInput.MessageReceived(from, new LeaseMessage.LeaseRequest(token, Calls));

    private List<LeaseEffect> Give(LeaseInput input)
    {
        List<LeaseEffect> effects = [];
        _core.Handle(input, Now, effects);
        return effects;
    }
}
