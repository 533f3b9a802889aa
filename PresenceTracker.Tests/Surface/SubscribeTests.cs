using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;
using Xunit;

namespace PresenceTracker.Tests.Surface;

[Collection(SingleNodeCollection.Name)]
public sealed class SubscribeTests(SingleNode node)
{
    // Of the node: see SingleNode.
    private const int QueueDiffs = 4;

    private readonly Tracker _tracker = node.Tracker;
    private readonly string _topic = node.NewTopic();
    private readonly Owner _owner = Owner.Connection("c1");

    [Fact]
    public async Task A_snapshot_comes_first_and_then_every_later_diff()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner);
        await using var subscription = await _tracker.SubscribeAsync(_topic);
        await _tracker.TrackAsync(_topic, "bob", _owner);
        await _tracker.TrackAsync(node.NewTopic(), "carol", _owner);
        await _tracker.UntrackAsync(_topic, "alice", _owner);

        Assert.Equal(["alice"], subscription.Snapshot.Keys);
        var first = await subscription.NextAsync();
        Assert.Equal(["bob"], first.KeysJoined);
        Assert.Same(subscription.Snapshot, first.Before);
        var second = await subscription.NextAsync();
        Assert.Equal(["alice"], second.KeysLeft);
        Assert.Same(first.After, second.Before);
        Assert.Same(_tracker.List(_topic), second.After);
    }

    [Fact]
    public async Task Each_subscriber_gets_every_diff()
    {
        await using var first = await _tracker.SubscribeAsync(_topic);
        await using var second = await _tracker.SubscribeAsync(_topic);

        await _tracker.TrackAsync(_topic, "alice", _owner);

        Assert.Same(await first.NextAsync(), await second.NextAsync());
    }

    [Fact]
    public async Task A_subscriber_that_falls_behind_gets_one_diff_to_the_present_state_and_then_each_again()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner);
        await _tracker.TrackAsync(_topic, "bob", _owner, new { n = 0 });
        await using var subscription = await _tracker.SubscribeAsync(_topic);
        for (var i = 0; i < 3 * QueueDiffs; i++)
        {
            await _tracker.TrackAsync(_topic, $"user {i}", _owner);
        }

        await _tracker.UntrackAsync(_topic, "alice", _owner);
        await _tracker.UpdateAsync(_topic, "bob", _owner, new { n = 1 });

        for (var i = 0; i < QueueDiffs; i++)
        {
            Assert.Equal([$"user {i}"], (await subscription.NextAsync()).KeysJoined);
        }

        var step = await subscription.NextAsync();
        Assert.Equal(Enumerable.Range(QueueDiffs, 2 * QueueDiffs).Select(i => $"user {i}").Order(StringComparer.Ordinal), step.KeysJoined);
        Assert.Equal(["alice"], step.KeysLeft);
        Assert.Equal(LeaveReason.Unobserved, Assert.Single(step.Leaves).Reason);
        Assert.Equal("bob", Assert.Single(step.Updates).Presence.Key);
        Assert.Same(_tracker.List(_topic), step.After);

        await _tracker.TrackAsync(_topic, "dave", _owner);
        var next = await subscription.NextAsync();
        Assert.Equal(["dave"], next.KeysJoined);
        Assert.Same(step.After, next.Before);
    }

    [Fact]
    public async Task A_subscriber_can_fall_behind_again_and_again()
    {
        await using var subscription = await _tracker.SubscribeAsync(_topic);
        var folded = subscription.Snapshot.Select(presence => presence.Ref).ToHashSet();
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 2 * QueueDiffs; i++)
            {
                await _tracker.TrackOrUpdateAsync(_topic, $"user {i % 5}", _owner, new { round, i });
            }

            await _tracker.TrackAsync(_topic, $"end of {round}", _owner);
            while (!(await FoldNextAsync(subscription, folded)).Contains($"end of {round}"))
            {
            }
        }

        Assert.Equal(_tracker.List(_topic).Select(presence => presence.Ref).Order(), folded.Order());
    }

    [Fact]
    public async Task Folding_the_diffs_gives_the_list_whatever_the_pace_of_the_reader()
    {
        const int Seed = 20260301;
        await using var subscription = await _tracker.SubscribeAsync(_topic);
        var writers = Task.WhenAll(Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            var random = new Random(Seed + writer);
            var owner = Owner.Connection($"writer {writer}");
            for (var i = 0; i < 1_000; i++)
            {
                var key = $"user {random.Next(20)}";
                _ = random.Next(3) == 0
                    ? await _tracker.UntrackAsync(_topic, key, owner)
                    : await _tracker.TrackOrUpdateAsync(_topic, key, owner, new { i });
            }
        })));

        var folded = new HashSet<string>();
        var reader = Task.Run(async () =>
        {
            TopicView view;
            do
            {
                view = await FoldNextAsync(subscription, folded);
                Assert.Equal(view.Select(presence => presence.Ref).Order(), folded.Order());
            }
            while (!view.Contains("the end"));
        });

        await writers.InTime();
        await _tracker.TrackAsync(_topic, "the end", _owner);
        await reader.InTime();
        Assert.Equal(_tracker.List(_topic).Select(presence => presence.Ref).Order(), folded.Order());
    }

    [Fact]
    public async Task A_disposed_subscription_ends()
    {
        var subscription = await _tracker.SubscribeAsync(_topic);
        var reading = Task.Run(async () =>
        {
            var count = 0;
            await foreach (var _ in subscription.Diffs())
            {
                count++;
            }

            return count;
        });

        await subscription.DisposeAsync();
        await subscription.DisposeAsync();
        await _tracker.TrackAsync(_topic, "alice", _owner);

        Assert.Equal(0, await reading.InTime());
    }

    [Fact]
    public async Task A_reader_that_is_cancelled_can_read_on_later()
    {
        await using var subscription = await _tracker.SubscribeAsync(_topic);
        using var cancellation = new CancellationTokenSource();
        var reading = subscription.Diffs(cancellation.Token).GetAsyncEnumerator(CancellationToken.None);
        var waiting = reading.MoveNextAsync().AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.InTime());
        await _tracker.TrackAsync(_topic, "alice", _owner);
        Assert.Equal(["alice"], (await subscription.NextAsync()).KeysJoined);
    }

    private static async Task<TopicView> FoldNextAsync(Subscription subscription, HashSet<string> folded)
    {
        var diff = await subscription.NextAsync();
        foreach (var change in diff.Events)
        {
            if (change.Kind != PresenceEventKind.Joined)
            {
                Assert.True(folded.Remove(change.Previous?.Ref ?? change.Presence.Ref));
            }

            if (change.Kind != PresenceEventKind.Left)
            {
                Assert.True(folded.Add(change.Presence.Ref));
            }
        }

        return diff.After;
    }
}
