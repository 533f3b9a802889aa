using System.Collections.Immutable;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;
using Xunit;

namespace PresenceTracker.Tests.Surface;

[Collection(SingleNodeCollection.Name)]
public sealed class SubscribeKeysTests(SingleNode node)
{
    // Of the node: see SingleNode.
    private const int QueueDiffs = 4;

    private readonly Tracker _tracker = node.Tracker;
    private readonly Owner _owner = Owner.Connection("c1");

    // Keys are looked for in all topics, also in those of other tests.
    private readonly string _alice = $"alice of {node.NewTopic()}";
    private readonly string _bob = $"bob of {node.NewTopic()}";

    [Fact]
    public async Task The_snapshot_says_who_is_online_in_any_topic()
    {
        await _tracker.TrackAsync(node.NewTopic(), _alice, _owner);

        await using var friends = await _tracker.SubscribeKeysAsync([_alice, _bob, _alice]);

        Assert.Equal([_alice], friends.Snapshot);
        Assert.Equal([_alice, _bob], friends.Keys);
    }

    [Fact]
    public async Task A_key_comes_online_with_its_first_presence_and_goes_offline_with_its_last()
    {
        await using var friends = await _tracker.SubscribeKeysAsync([_alice, _bob]);
        var topics = Enumerable.Range(0, 20).Select(_ => node.NewTopic()).ToList();
        foreach (var topic in topics)
        {
            await _tracker.TrackAsync(topic, _alice, _owner);
            await _tracker.TrackAsync(topic, _alice, Owner.Connection("c2"));
            await _tracker.UpdateAsync(topic, _alice, _owner, new { status = "away" });
            await _tracker.TrackAsync(topic, "a stranger", _owner);
        }

        foreach (var topic in topics)
        {
            await _tracker.UntrackAsync(topic, _alice, _owner);
            await _tracker.UntrackAsync(topic, _alice, Owner.Connection("c2"));
        }

        await _tracker.TrackAsync(topics[0], _bob, _owner);

        Assert.Equal([_alice], (await friends.NextAsync()).CameOnline);
        Assert.Equal([_alice], (await friends.NextAsync()).WentOffline);
        var last = await friends.NextAsync();
        Assert.Equal([_bob], last.CameOnline);
        Assert.Empty(last.WentOffline);
    }

    [Fact]
    public async Task What_comes_in_one_batch_is_told_in_one_diff()
    {
        var topic = node.NewTopic();
        await using var friends = await _tracker.SubscribeKeysAsync([_alice, _bob]);

        await _tracker.TrackManyAsync(((string[])[_alice, _bob, "a stranger"]).Select(key => new TrackRequest(topic, key, _owner, Meta.Empty)).ToList());

        Assert.Equal([_alice, _bob], (await friends.NextAsync()).CameOnline);
    }

    [Fact]
    public async Task A_reader_that_falls_behind_gets_one_diff_to_the_present_state_and_then_each_again()
    {
        var topic = node.NewTopic();
        await using var friends = await _tracker.SubscribeKeysAsync([_alice, _bob]);
        for (var i = 0; i < QueueDiffs; i++)
        {
            await _tracker.TrackAsync(topic, _alice, _owner);
            await _tracker.UntrackAsync(topic, _alice, _owner);
        }

        await _tracker.TrackAsync(topic, _bob, _owner);
        await _tracker.TrackAsync(topic, _alice, _owner);
        for (var i = 0; i < QueueDiffs; i++)
        {
            var diff = await friends.NextAsync();
            Assert.Equal([_alice], i % 2 == 0 ? diff.CameOnline : diff.WentOffline);
        }

        Assert.Equal([_alice, _bob], (await friends.NextAsync()).CameOnline);

        await _tracker.UntrackAsync(topic, _bob, _owner);
        Assert.Equal([_bob], (await friends.NextAsync()).WentOffline);
    }

    [Fact]
    public async Task Amid_many_changes_nothing_is_missing_and_nothing_told_twice()
    {
        const int Seed = 20261125;
        var keys = Enumerable.Range(0, 10).Select(i => $"{_alice} {i}").ToList();
        var topics = Enumerable.Range(0, 20).Select(_ => node.NewTopic()).ToList();
        var writers = Task.WhenAll(Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            var random = new Random(Seed + writer);
            var owner = Owner.Connection($"writer {writer}");
            for (var i = 0; i < 2_000; i++)
            {
                var (topic, key) = (topics[random.Next(topics.Count)], keys[random.Next(keys.Count)]);
                _ = random.Next(4) == 0
                    ? await _tracker.TrackAsync(topic, key, owner)
                    : await _tracker.UntrackAsync(topic, key, owner);
            }
        })));

        // Begun while the keys change, also several times.
        var readers = Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            await using var friends = await _tracker.SubscribeKeysAsync([.. keys, _bob]);
            var online = friends.Snapshot;
            while (!online.Contains(_bob))
            {
                online = Fold(online, await friends.NextAsync());
            }

            return online;
        })).ToList();

        await writers.InTime();
        await _tracker.TrackAsync(topics[0], _bob, _owner);
        var online = keys.Append(_bob).Where(_tracker.IsOnline).ToHashSet();
        foreach (var reader in readers)
        {
            Assert.True(online.SetEquals(await reader.InTime()));
        }
    }

    [Fact]
    public async Task A_disposed_subscription_ends()
    {
        var friends = await _tracker.SubscribeKeysAsync([_alice]);
        await using var others = await _tracker.SubscribeKeysAsync([_alice]);
        await friends.DisposeAsync();
        await friends.DisposeAsync();
        await _tracker.TrackAsync(node.NewTopic(), _alice, _owner);

        Assert.Empty(await friends.Diffs().ToListAsync().AsTask().InTime());
        Assert.Equal([_alice], (await others.NextAsync()).CameOnline);
    }

    [Fact]
    public async Task A_key_beyond_the_limit_is_refused()
    {
        var refused = await Assert.ThrowsAsync<LimitExceededException>(
            () => _tracker.SubscribeKeysAsync([_alice, new string('k', 257)]));

        Assert.Equal("presence.limits.key", refused.Option);
    }

    private static ImmutableSortedSet<string> Fold(ImmutableSortedSet<string> online, KeyDiff diff)
    {
        Assert.All(diff.CameOnline, key => Assert.False(online.Contains(key), $"told twice that {key} came online"));
        Assert.All(diff.WentOffline, key => Assert.True(online.Contains(key), $"told that {key} went offline, who was not online"));
        return online.Union(diff.CameOnline).Except(diff.WentOffline);
    }
}
