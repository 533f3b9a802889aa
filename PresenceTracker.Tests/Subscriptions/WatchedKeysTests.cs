using System.Collections.Immutable;
using Akka.Configuration;
using PresenceTracker.Actors;
using PresenceTracker.Configuration;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Reading;
using PresenceTracker.Subscriptions;
using Xunit;

namespace PresenceTracker.Tests.Subscriptions;

/// <summary>Turns that are still on their way when somebody begins to watch, and whose outcome readers can see already.</summary>
public sealed class WatchedKeysTests : IAsyncDisposable
{
    private static readonly NodeRuntime Runtime = new(
        PresenceSettings.From(ConfigurationFactory.ParseString("presence.shards = 2")),
        new NodeId("127.0.0.1:4053", new Incarnation(1, 1)));

    private readonly ShardView[] _views = [new(), new()];
    private readonly WatchedKeys _watched;
    private readonly KeySubscription _friends = new(["alice", "bob"], Runtime);

    public WatchedKeysTests() => _watched = new WatchedKeys(_views);

    public ValueTask DisposeAsync() => _friends.DisposeAsync();

    [Fact]
    public void A_turn_that_the_snapshot_covers_is_no_event()
    {
        Turn[] turns = [Present(1, "alice"), Absent(2, "alice"), Present(3, "alice")];
        foreach (var turn in turns)
        {
            _views[0].Publish(turn);
        }

        Assert.Equal<string>(["alice"], [.. _watched.Add(_friends)]);
        Assert.All(turns, turn => Assert.Empty(_watched.Apply(0, turn)));
        Assert.Equal(["alice"], Assert.Single(_watched.Apply(0, Absent(4, "alice"))).Diff.WentOffline);
    }

    [Fact]
    public void A_key_is_online_while_any_shard_lists_it()
    {
        _watched.Add(_friends);

        Assert.Equal(["alice"], Assert.Single(_watched.Apply(0, Present(1, "alice"))).Diff.CameOnline);
        Assert.Empty(_watched.Apply(1, Present(1, "alice")));
        Assert.Empty(_watched.Apply(0, Absent(2, "alice")));
        Assert.Equal(["alice"], Assert.Single(_watched.Apply(1, Absent(2, "alice"))).Diff.WentOffline);
    }

    [Fact]
    public async Task Who_ends_watching_hears_nothing_more_and_others_do()
    {
        await using var other = new KeySubscription(["alice"], Runtime);
        _watched.Add(_friends);
        _watched.Add(other);

        _watched.Remove(_friends);
        _watched.Remove(_friends);

        Assert.Same(other, Assert.Single(_watched.Apply(0, Present(1, "alice"))).Subscription);
        Assert.Empty(_watched.Apply(0, Present(2, "bob")));
    }

    private static Turn Present(ulong version, string key) =>
        new(version, [], [new KeyTopics(key, ImmutableSortedSet.Create("room:1"))]);

    private static Turn Absent(ulong version, string key) => new(version, [], [new KeyTopics(key, [])]);
}
