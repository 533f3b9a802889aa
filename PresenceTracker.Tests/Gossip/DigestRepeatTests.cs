using PresenceTracker.Protocol.Gossip;
using Xunit;
using static PresenceTracker.Tests.Gossip.CoreDriver;

namespace PresenceTracker.Tests.Gossip;

/// <summary>What a node does about a difference to a peer when the peer's contexts do not come.</summary>
public sealed class DigestRepeatTests
{
    // The shortest wait: a tenth of a round.
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void The_hashes_that_answer_an_unequal_root_are_sent_again_twice_after_doubling_waits()
    {
        var core = Holding(7);
        Assert.Single(core.Receive(B, Root(1)).Sent<GossipMessage.DigestBuckets>(B));

        Assert.Equal([20, 60], TimesOf<GossipMessage.DigestBuckets>(core));
    }

    [Fact]
    public void The_contexts_that_answer_unequal_hashes_are_sent_again_twice_after_doubling_waits()
    {
        var core = Holding(7);
        var first = Assert.Single(core.Receive(B, HashesOf(Holding(8))).Sent<GossipMessage.DigestContexts>(B));

        Assert.Empty(core.Advance(0.99 * ShortWait).Sent<GossipMessage.DigestContexts>());
        var second = Assert.Single(core.Advance(0.01 * ShortWait).Sent<GossipMessage.DigestContexts>(B));
        Assert.True(second.Reply);
        Assert.Equal<int>(first.Buckets, second.Buckets);
        Assert.Equal<ReplicaContext>(first.Contexts, second.Contexts);
        Assert.Equal([40], TimesOf<GossipMessage.DigestContexts>(core));
    }

    [Fact]
    public void Nothing_is_sent_again_once_the_contexts_have_come()
    {
        var core = Holding(7);
        core.Receive(B, Root(1));
        core.Receive(B, Contexts(reply: true));
        Assert.Empty(TimesOf<GossipMessage.DigestBuckets>(core));

        core.Receive(B, HashesOf(Holding(8)));
        core.Receive(B, Contexts(reply: false));
        Assert.Empty(TimesOf<GossipMessage.DigestContexts>(core));
    }

    [Fact]
    public void Nothing_is_sent_again_once_there_is_no_difference_any_more()
    {
        var other = Holding(8);
        var root = RootOf(other);
        var hashes = HashesOf(other);
        var core = Holding(7);
        core.Receive(B, root);
        core.Receive(C, hashes);
        core.Give(new GossipInput.ContextMoved(Replica(D), At(8)));

        Assert.Empty(TimesOf<GossipMessage.DigestBuckets>(core));
        Assert.Empty(TimesOf<GossipMessage.DigestContexts>(core));
    }

    [Fact]
    public void Who_asks_by_hashes_that_have_become_equal_is_told_so_and_asks_no_more()
    {
        var core = Holding(7);
        Assert.Single(core.Receive(B, HashesOf(Holding(7))).Sent<GossipMessage.DigestEqual>(B));

        core.Receive(B, Root(1));
        core.Receive(B, new GossipMessage.DigestEqual(Synced: true));
        Assert.Empty(TimesOf<GossipMessage.DigestBuckets>(core));
    }

    [Fact]
    public void Repeated_hashes_do_not_begin_the_waits_anew()
    {
        var core = Holding(7);
        var hashes = HashesOf(Holding(8));
        core.Receive(B, hashes);
        core.Advance(0.5 * ShortWait);
        Assert.Single(core.Receive(B, hashes).Sent<GossipMessage.DigestContexts>(B));

        Assert.Equal([10, 50], TimesOf<GossipMessage.DigestContexts>(core, step: 10));
    }

    [Fact]
    public void Nothing_is_sent_again_to_a_suspect_or_to_a_peer_that_is_gone()
    {
        var core = Holding(7);
        core.Receive(B, Root(1));
        core.Receive(C, Root(1));
        core.Give(new GossipInput.PeerSuspected(B));
        core.Give(new GossipInput.PeerGone(C));

        Assert.Empty(TimesOf<GossipMessage.DigestBuckets>(core));
    }

    [Fact]
    public void Many_contexts_are_not_sent_again()
    {
        var core = Holding(7);
        for (var i = 0; i < 300; i++)
        {
            core.Hold(Replica(Node($"node{i}", counter: 1_000)), 1);
        }

        Assert.InRange(Assert.Single(core.Receive(B, HashesOf(Holding(8))).Sent<GossipMessage.DigestContexts>(B)).Contexts.Length, 257, 301);
        Assert.Empty(TimesOf<GossipMessage.DigestContexts>(core));
    }

    [Fact]
    public void A_peer_whose_contexts_came_late_is_waited_for_longer_the_next_time()
    {
        var core = Holding(7);
        var asked = HashesAfter(core, Root(1));
        core.Advance(2.5 * ShortWait);
        core.Receive(B, Contexts(reply: true, asked.Question));
        core.Receive(B, Root(2));

        // They came 50 ms after they had been asked for the first time.
        Assert.Equal([100, 300], TimesOf<GossipMessage.DigestBuckets>(core));
    }

    [Fact]
    public void A_peer_that_is_farther_away_than_all_the_waits_together_is_waited_for_longer_once_its_contexts_have_come()
    {
        var core = Holding(7);
        var asked = HashesAfter(core, Root(1));
        Assert.Equal([20, 60], TimesOf<GossipMessage.DigestBuckets>(core, last: 200));
        core.Receive(B, Contexts(reply: true, asked.Question));
        core.Receive(B, Root(2));

        Assert.Equal([400, 1_200], TimesOf<GossipMessage.DigestBuckets>(core));
    }

    [Fact]
    public void Contexts_name_the_question_that_they_answer_and_ask_one_of_their_own()
    {
        var core = Holding(7);
        var hashes = HashesOf(Holding(8));
        Assert.NotEqual(0ul, hashes.Question);

        var answer = Assert.Single(core.Receive(B, hashes).Sent<GossipMessage.DigestContexts>(B));
        Assert.Equal(hashes.Question, answer.AnswerTo);
        var repeated = Assert.Single(core.Advance(ShortWait).Sent<GossipMessage.DigestContexts>(B));
        Assert.Equal(hashes.Question, repeated.AnswerTo);
        Assert.NotEqual(answer.Question, repeated.Question);

        var last = Assert.Single(Holding(8).Receive(B, answer).Sent<GossipMessage.DigestContexts>(B));
        Assert.Equal((0ul, answer.Question), (last.Question, last.AnswerTo));
    }

    private static CoreDriver Holding(ulong context)
    {
        var core = Synced(null, B, C);
        core.Hold(Replica(D), context);
        return core;
    }

    private static GossipMessage.DigestRoot Root(ulong root) => new(root, 0, Synced: true);

    private static GossipMessage.DigestContexts Contexts(bool reply, ulong answerTo = 0) => new(1, [0], [], reply, Synced: true, AnswerTo: answerTo);

    private static GossipMessage.DigestRoot RootOf(CoreDriver core) =>
        core.Give(new GossipInput.PeerUp(Node("a node that asks", counter: 1))).Sent<GossipMessage.DigestRoot>().Single();

    private static GossipMessage.DigestBuckets HashesOf(CoreDriver core) => HashesAfter(core, Root(1));

    private static GossipMessage.DigestBuckets HashesAfter(CoreDriver core, GossipMessage.DigestRoot root) =>
        core.Receive(B, root).Sent<GossipMessage.DigestBuckets>().Single();

    /// <summary>After how many milliseconds messages of that kind are sent.</summary>
    private static List<double> TimesOf<T>(CoreDriver core, int step = 20, int last = 3_000)
        where T : GossipMessage
    {
        var times = new List<double>();
        for (var passed = 0; passed < last; passed += step)
        {
            times.AddRange(core.Advance(TimeSpan.FromMilliseconds(step)).Sent<T>().Select(_ => (double)(passed + step)));
        }

        return times;
    }
}
