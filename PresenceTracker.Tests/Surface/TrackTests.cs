using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Surface;

[Collection(SingleNodeCollection.Name)]
public sealed class TrackTests(SingleNode node)
{
    private readonly Tracker _tracker = node.Tracker;
    private readonly string _topic = node.NewTopic();
    private readonly Owner _owner = Owner.Connection("c1");
    private readonly Owner _other = Owner.Connection("c2");

    [Fact]
    public async Task What_was_tracked_is_listed_as_soon_as_the_call_returns()
    {
        var result = await _tracker.TrackAsync(_topic, "alice", _owner, new RoomMeta("online", 1));

        Assert.Equal(TrackStatus.Tracked, result.Status);
        var presence = Assert.Single(_tracker.List(_topic));
        Assert.Equal(
            (_topic, "alice", "connection:c1", result.Ref), (presence.Topic, presence.Key, presence.Owner, presence.Ref));
        Assert.Equal(_tracker.Self, presence.Node);
        Assert.Equal(new RoomMeta("online", 1), presence.Meta.As<RoomMeta>());
        Assert.Same(presence, Assert.Single(_tracker.GetByKey(_topic, "alice")));
        Assert.Empty(_tracker.GetByKey(_topic, "bob"));
    }

    [Fact]
    public async Task Without_a_meta_it_is_the_empty_object()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner);

        Assert.Equal("{}", Assert.Single(_tracker.List(_topic)).Meta.ToString());
    }

    [Fact]
    public async Task Tracking_twice_is_reported_and_changes_nothing()
    {
        var first = await _tracker.TrackAsync(_topic, "alice", _owner, new { n = 1 });
        var before = _tracker.List(_topic);

        var second = await _tracker.TrackAsync(_topic, "alice", _owner, new { n = 2 });

        Assert.Equal(new TrackResult(TrackStatus.AlreadyTracked, first.Ref), second);
        Assert.Same(before, _tracker.List(_topic));
    }

    [Fact]
    public async Task Track_or_update_tracks_then_updates_and_is_silent_when_nothing_differs()
    {
        await using var subscription = await _tracker.SubscribeAsync(_topic);

        var first = await _tracker.TrackOrUpdateAsync(_topic, "alice", _owner, new { n = 1 });
        var second = await _tracker.TrackOrUpdateAsync(_topic, "alice", _owner, new { n = 2 });
        var third = await _tracker.TrackOrUpdateAsync(_topic, "alice", _owner, Metas.Parse("""{ "n": 2.0 }"""));
        await _tracker.UntrackAsync(_topic, "alice", _owner);

        Assert.Equal([TrackStatus.Tracked, TrackStatus.Updated, TrackStatus.Unchanged], [first.Status, second.Status, third.Status]);
        Assert.NotEqual(first.Ref, second.Ref);
        Assert.Equal(second.Ref, third.Ref);
        Assert.Equal(PresenceEventKind.Joined, (await subscription.NextEventAsync()).Kind);
        var update = await subscription.NextEventAsync();
        Assert.Equal(
            (PresenceEventKind.Updated, first.Ref, second.Ref), (update.Kind, update.Previous!.Ref, update.Presence.Ref));
        var leave = await subscription.NextEventAsync();
        Assert.Equal((PresenceEventKind.Left, LeaveReason.Untracked), (leave.Kind, leave.Reason));
    }

    [Fact]
    public async Task An_update_is_an_event_of_its_own_and_keeps_the_key_present()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner, new { n = 1 });
        await using var subscription = await _tracker.SubscribeAsync(_topic);

        var result = await _tracker.UpdateAsync(_topic, "alice", _owner, new { n = 2 });

        Assert.Equal(TrackStatus.Updated, result.Status);
        Assert.Equal("""{"n":2}""", Assert.Single(_tracker.List(_topic)).Meta.ToString());
        var diff = await subscription.NextAsync();
        Assert.Equal(PresenceEventKind.Updated, Assert.Single(diff.Events).Kind);
        Assert.Empty(diff.KeysJoined);
        Assert.Empty(diff.KeysLeft);
    }

    [Fact]
    public async Task Nothing_is_updated_or_untracked_that_the_owner_does_not_track()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner);

        Assert.Equal(TrackStatus.NotTracked, (await _tracker.UpdateAsync(_topic, "alice", _other, new { n = 1 })).Status);
        Assert.Equal(TrackStatus.NotTracked, (await _tracker.UpdateAsync(_topic, "alice", _other, meta => meta)).Status);
        Assert.Equal(TrackStatus.NotTracked, (await _tracker.UpdateAsync(_topic, "bob", _owner, new { n = 1 })).Status);
        Assert.Equal(TrackStatus.NotTracked, (await _tracker.UntrackAsync(_topic, "alice", _other)).Status);
        Assert.Equal("{}", Assert.Single(_tracker.List(_topic)).Meta.ToString());
    }

    [Fact]
    public async Task An_update_by_function_sees_the_present_meta()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner, new RoomMeta("online", 1));

        var result = await _tracker.UpdateAsync(
            _topic, "alice", _owner, (Meta meta) => Metas.From(meta.As<RoomMeta>()! with { Status = "away" }));

        Assert.Equal(TrackStatus.Updated, result.Status);
        Assert.Equal(new RoomMeta("away", 1), Assert.Single(_tracker.List(_topic)).Meta.As<RoomMeta>());
    }

    [Fact]
    public async Task Updates_by_function_from_many_callers_lose_none()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner, new RoomMeta("online", 0));

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => _tracker.UpdateAsync(
            _topic, "alice", _owner, (Meta meta) =>
            {
                var room = meta.As<RoomMeta>()!;
                return Metas.From(room with { Count = room.Count + 1 });
            })))).InTime();

        Assert.Equal(100, Assert.Single(_tracker.List(_topic)).Meta.As<RoomMeta>()!.Count);
    }

    [Fact]
    public async Task A_function_that_throws_changes_nothing()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner, new { n = 1 });

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(
            () => _tracker.UpdateAsync(_topic, "alice", _owner, (Meta _) => throw new TimeZoneNotFoundException()));

        Assert.Equal("""{"n":1}""", Assert.Single(_tracker.List(_topic)).Meta.ToString());
    }

    [Fact]
    public async Task Untracking_ends_one_presence_and_leaves_the_others()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner);
        await _tracker.TrackAsync(_topic, "alice", _other);

        var result = await _tracker.UntrackAsync(_topic, "alice", _owner);

        Assert.Equal(new TrackResult(TrackStatus.Untracked, null), result);
        Assert.Equal("connection:c2", Assert.Single(_tracker.List(_topic)).Owner);
        Assert.Equal(new TopicCount(1, 1), _tracker.Count(_topic));
    }

    [Fact]
    public async Task Untracking_an_owner_ends_all_that_it_has_and_nothing_else()
    {
        var second = node.NewTopic();
        var owner = Owner.Connection("all of mine");
        await _tracker.TrackAsync(_topic, "alice", owner);
        await _tracker.TrackAsync(_topic, "bob", owner);
        await _tracker.TrackAsync(second, "alice", owner);
        await _tracker.TrackAsync(second, "alice", _other);

        Assert.Equal(3, await _tracker.UntrackAsync(owner));

        Assert.Empty(_tracker.List(_topic));
        Assert.Equal("connection:c2", Assert.Single(_tracker.List(second)).Owner);
        Assert.Equal(0, await _tracker.UntrackAsync(owner));
    }

    [Fact]
    public async Task A_key_comes_with_its_first_meta_and_goes_with_its_last()
    {
        await using var subscription = await _tracker.SubscribeAsync(_topic);
        await _tracker.TrackAsync(_topic, "alice", _owner);
        await _tracker.TrackAsync(_topic, "alice", _other);
        await _tracker.UntrackAsync(_topic, "alice", _owner);
        await _tracker.UntrackAsync(_topic, "alice", _other);

        var diffs = new[]
        {
            await subscription.NextAsync(), await subscription.NextAsync(), await subscription.NextAsync(), await subscription.NextAsync(),
        };

        Assert.Equal([1, 0, 0, 0], diffs.Select(diff => diff.KeysJoined.Count()));
        Assert.Equal([0, 0, 0, 1], diffs.Select(diff => diff.KeysLeft.Count()));
    }

    [Fact]
    public async Task Many_at_once_are_one_diff_and_answer_in_their_order()
    {
        var second = node.NewTopic();
        await _tracker.TrackAsync(_topic, "b", _owner);
        await using var subscription = await _tracker.SubscribeAsync(_topic);

        var results = await _tracker.TrackManyAsync(
        [
            new TrackRequest(_topic, "a", _owner, Metas.From(new { n = 1 })),
            new TrackRequest(second, "a", _owner, Meta.Empty),
            new TrackRequest(_topic, "b", _owner, Meta.Empty),
            new TrackRequest(_topic, "c", _owner, Meta.Empty),
        ]);

        Assert.Equal(
            [TrackStatus.Tracked, TrackStatus.Tracked, TrackStatus.AlreadyTracked, TrackStatus.Tracked], results.Select(result => result.Status));
        Assert.Equal(results[1].Ref, Assert.Single(_tracker.List(second)).Ref);
        Assert.Equal(["a", "c"], (await subscription.NextAsync()).KeysJoined);

        var ended = await _tracker.UntrackManyAsync([(_topic, "c", _owner), (_topic, "x", _owner), (second, "a", _owner), (_topic, "a", _owner)]);

        Assert.Equal(
            [TrackStatus.Untracked, TrackStatus.NotTracked, TrackStatus.Untracked, TrackStatus.Untracked], ended.Select(result => result.Status));
        Assert.Equal(["a", "c"], (await subscription.NextAsync()).KeysLeft.Order());
        Assert.Equal(["b"], _tracker.List(_topic).Keys);
    }

    [Fact]
    public async Task Many_that_are_tracked_or_updated_are_one_diff_and_answer_in_their_order()
    {
        await _tracker.TrackAsync(_topic, "a", _owner, new { n = 1 });
        await _tracker.TrackAsync(_topic, "b", _owner, new { n = 1 });
        await using var subscription = await _tracker.SubscribeAsync(_topic);

        var results = await _tracker.TrackOrUpdateManyAsync(
        [
            new TrackRequest(_topic, "c", _owner, Metas.From(new { n = 1 })),
            new TrackRequest(_topic, "b", _owner, Metas.From(new { n = 1 })),
            new TrackRequest(_topic, "a", _owner, Metas.From(new { n = 2 })),
        ]);

        Assert.Equal([TrackStatus.Tracked, TrackStatus.Unchanged, TrackStatus.Updated], results.Select(result => result.Status));
        var diff = await subscription.NextAsync();
        Assert.Equal(["c"], diff.Joins.Select(presence => presence.Key));
        Assert.Equal(["a"], diff.Updates.Select(update => update.Presence.Key));
        Assert.Empty(diff.Leaves);
        Assert.Equal([results[2].Ref, results[1].Ref, results[0].Ref], _tracker.List(_topic).Select(presence => presence.Ref));
    }

    [Fact]
    public async Task None_of_many_is_nothing_to_do()
    {
        Assert.Empty(await _tracker.TrackOrUpdateManyAsync([]));
        Assert.Empty(await _tracker.TrackManyAsync([]));
        Assert.Empty(await _tracker.UntrackManyAsync([]));
    }

    [Fact]
    public async Task More_than_a_batch_are_all_tracked_in_their_order()
    {
        var requests = Enumerable.Range(0, 2_500).Select(i => new TrackRequest(_topic, $"user{i:d4}", _owner, Meta.Empty)).ToList();

        var results = await _tracker.TrackManyAsync(requests).InTime();

        Assert.Equal(new TopicCount(2_500, 2_500), _tracker.Count(_topic));
        Assert.Equal(results.Select(result => result.Ref), _tracker.List(_topic).Select(presence => presence.Ref));
        Assert.Equal(2_500, (await _tracker.UntrackManyAsync([.. requests.Select(r => (r.Topic, r.Key, r.Owner))]).InTime()).Count);
        Assert.Empty(_tracker.List(_topic));
    }

    [Fact]
    public async Task Topics_and_presence_are_found_by_key()
    {
        var second = node.NewTopic();
        var (alice, bob, nobody) = ($"alice in {_topic}", $"bob in {_topic}", $"nobody in {_topic}");
        await _tracker.TrackAsync(_topic, alice, _owner);
        await _tracker.TrackAsync(_topic, alice, _other);
        await _tracker.TrackAsync(second, alice, _owner);
        await _tracker.TrackAsync(second, bob, _owner);

        Assert.Equal(new[] { _topic, second }.Order(StringComparer.Ordinal), _tracker.TopicsOf(alice));
        Assert.Equal([second], _tracker.TopicsOf(bob));
        Assert.Empty(_tracker.TopicsOf(nobody));
        Assert.Equal(new TopicCount(1, 2), _tracker.Count(_topic));
        Assert.Equal(new TopicCount(0, 0), _tracker.Count(nobody));
        Assert.True(_tracker.IsOnline(bob));
        Assert.Equal(
            new Dictionary<string, bool> { [alice] = true, [nobody] = false }, _tracker.IsOnline([alice, nobody, alice]));

        await _tracker.UntrackAsync(second, bob, _owner);
        await _tracker.UntrackAsync(_topic, alice, _owner);

        Assert.False(_tracker.IsOnline(bob));
        Assert.Equal(new[] { _topic, second }.Order(StringComparer.Ordinal), _tracker.TopicsOf(alice));
    }

    [Fact]
    public async Task A_list_is_a_snapshot_that_later_changes_do_not_touch()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner);
        var before = _tracker.List(_topic);

        await _tracker.TrackAsync(_topic, "bob", _owner);

        Assert.Equal(["alice"], before.Keys);
        Assert.Equal(["alice", "bob"], _tracker.List(_topic).Keys);
        Assert.True(_tracker.List(_topic).Version > before.Version);
    }

    [Fact]
    public async Task No_reader_sees_the_gap_inside_an_update()
    {
        await _tracker.TrackAsync(_topic, "alice", _owner, new { n = 0 });
        var isDone = false;
        var gaps = 0;
        var reads = 0;
        var reader = Task.Run(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                reads++;
                var isWhole = _tracker.List(_topic).MetaCount == 1 && _tracker.Count(_topic) == new TopicCount(1, 1)
                    && _tracker.GetByKey(_topic, "alice").Count == 1 && _tracker.TopicsOf("alice").Contains(_topic)
                    && _tracker.IsOnline("alice");
                gaps += isWhole ? 0 : 1;
            }
        });

        for (var i = 1; i <= 2_000; i++)
        {
            await _tracker.UpdateAsync(_topic, "alice", _owner, new { n = i });
        }

        Volatile.Write(ref isDone, true);
        await reader.InTime();
        Assert.True(reads > 0);
        Assert.Equal(0, gaps);
    }

    [Fact]
    public async Task Many_callers_at_once_each_read_their_own_writes()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var owner = Owner.Connection($"caller {caller}");
            for (var i = 0; i < 50; i++)
            {
                var key = $"{caller}/{i}";
                var tracked = await _tracker.TrackAsync(_topic, key, owner, new { i });
                Assert.Equal(tracked.Ref, Assert.Single(_tracker.GetByKey(_topic, key)).Ref);
                var updated = await _tracker.UpdateAsync(_topic, key, owner, new { i, again = true });
                Assert.Equal(updated.Ref, Assert.Single(_tracker.GetByKey(_topic, key)).Ref);
                if (i % 2 == 0)
                {
                    await _tracker.UntrackAsync(_topic, key, owner);
                    Assert.Empty(_tracker.GetByKey(_topic, key));
                }
            }
        }))).InTime();

        Assert.Equal(new TopicCount(200, 200), _tracker.Count(_topic));
        Assert.Equal(400, _tracker.List(_topic).Select(presence => presence.Ref).Distinct().Count() + 200);
    }

    [Fact]
    public async Task A_cancelled_call_changes_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var token = cancelled.Token;
        await _tracker.TrackAsync(_topic, "alice", _owner, new { n = 1 });
        var before = _tracker.List(_topic);

        await Cancelled(() => _tracker.TrackAsync(_topic, "bob", _owner, cancellationToken: token));
        await Cancelled(() => _tracker.TrackOrUpdateAsync(_topic, "alice", _owner, new { n = 2 }, cancellationToken: token));
        await Cancelled(() => _tracker.TrackManyAsync([new TrackRequest(_topic, "bob", _owner, Meta.Empty)], token));
        await Cancelled(() => _tracker.TrackOrUpdateManyAsync([new TrackRequest(_topic, "alice", _owner, Meta.Empty)], token));
        await Cancelled(() => _tracker.UpdateAsync(_topic, "alice", _owner, new { n = 2 }, token));
        await Cancelled(() => _tracker.UpdateAsync(_topic, "alice", _owner, (Meta _) => Meta.Empty, token));
        await Cancelled(() => _tracker.UntrackAsync(_topic, "alice", _owner, token));
        await Cancelled(() => _tracker.UntrackAsync(_owner, token));
        await Cancelled(() => _tracker.UntrackManyAsync([(_topic, "alice", _owner)], token));
        await Cancelled(() => _tracker.SubscribeAsync(_topic, token));
        await Cancelled(() => _tracker.LeaveAsync(token));

        await _tracker.UntrackAsync(_topic, "nobody", _owner);
        Assert.Same(before, _tracker.List(_topic));

        static Task Cancelled(Func<Task> call) => Assert.ThrowsAnyAsync<OperationCanceledException>(call);
    }

    [Fact]
    public void A_single_node_knows_itself()
    {
        var self = Assert.Single(_tracker.Nodes);

        Assert.Equal((_tracker.Self, true, NodeState.Up), (self.Node, self.IsSelf, self.State));
        Assert.True(_tracker.IsReady);
    }
}
