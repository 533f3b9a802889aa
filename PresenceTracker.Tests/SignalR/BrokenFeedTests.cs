using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Feeds;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.Tests.Diagnostics;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A feed that fails is told, and leaves nothing behind.</summary>
public sealed class BrokenFeedTests : IAsyncLifetime
{
    private const string Broken = "broken";
    private const string Fine = "fine";

    private readonly PresenceNode _node = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = "akka.loglevel = OFF" });
    private readonly BrokenClient _client = new(Broken);
    private ConnectionPresences _presences = null!;
    private EnricherCalls _enricher = null!;
    private MeterProbe _probe = null!;

    public async Task InitializeAsync()
    {
        await _node.Tracker.Ready.InTime();
        _probe = new MeterProbe(_node.Tracker.Self.Address);
        _enricher = new EnricherCalls(_node.Tracker, Options.Create(new PresenceHubOptions()), NullLogger<EnricherCalls>.Instance);
        _presences = NewPresences(_client);
        await _presences.JoinAsync(Broken, "alice", Meta.Empty);
        await _presences.JoinAsync(Fine, "alice", Meta.Empty);
        await Expect.UntilAsync(() => _client.IsAborted, "the connection is aborted");
    }

    public async Task DisposeAsync()
    {
        _probe.Dispose();
        _enricher.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task The_end_of_the_connection_ends_the_other_feeds_too()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(_presences.CloseAsync);

        await SubscriptionsAsync(0);
    }

    [Fact]
    public async Task Whoever_leaves_is_gone_all_the_same()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _presences.LeaveAsync(Broken));

        Assert.Empty(_node.Tracker.List(Broken));
        await SubscriptionsAsync(1);
    }

    [Fact]
    public async Task Whoever_joins_in_vain_is_not_listed_and_follows_nothing()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _presences.JoinAsync(Broken, "alice", Meta.Empty));

        Assert.Empty(_node.Tracker.List(Broken));
        await SubscriptionsAsync(1);
    }

    [Fact]
    public async Task Whoever_watches_other_keys_when_the_feed_of_the_first_has_failed_watches_none()
    {
        var client = new BrokenClient(topics: [null]);
        var presences = NewPresences(client);
        await presences.WatchAsync(["alice"]);
        await Expect.UntilAsync(() => client.IsAborted, "the connection is aborted");
        await SubscriptionsAsync(3);

        await Assert.ThrowsAsync<InvalidOperationException>(() => presences.WatchAsync(["bob"]));

        await SubscriptionsAsync(2);
    }

    private ConnectionPresences NewPresences(BrokenClient client)
    {
        var options = Options.Create(new PresenceHubOptions());
        return new ConnectionPresences(
            _node.Tracker, new TopicFeeds(_node.Tracker, _enricher, options), new UserIdAuthorizer(NullLogger<UserIdAuthorizer>.Instance),
            options.Value, client);
    }

    private Task SubscriptionsAsync(int expected) => Expect.UntilAsync(
        () => _probe.Read("presence.subscriptions") == expected,
        $"{expected} subscriptions", () => $"there are {_probe.Read("presence.subscriptions")}");
}
