using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Feeds;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Who is in a topic and who is told of it, where one of the two goes wrong: the feeds of these tests are of a node of their own.</summary>
public sealed class ConnectionLeaveTests : IAsyncLifetime
{
    private const string Room = "room:1";

    private readonly PresenceNode _node = Start();
    private readonly PresenceNode _ofFeeds = Start();
    private readonly TaskCompletionSource _mayTake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GatedClient _client;
    private EnricherCalls _enricher = null!;
    private ConnectionPresences _presences = null!;

    public ConnectionLeaveTests() => _client = new GatedClient(_mayTake.Task);

    public async Task InitializeAsync()
    {
        await Task.WhenAll(_node.Tracker.Ready, _ofFeeds.Tracker.Ready).InTime();
        var options = Options.Create(new PresenceHubOptions());
        _enricher = new EnricherCalls(_ofFeeds.Tracker, options, NullLogger<EnricherCalls>.Instance);
        _presences = new ConnectionPresences(
            _node.Tracker, new TopicFeeds(_ofFeeds.Tracker, _enricher, options), new UserIdAuthorizer(NullLogger<UserIdAuthorizer>.Instance),
            options.Value, _client);
    }

    public async Task DisposeAsync()
    {
        _mayTake.TrySetResult();
        _enricher.Dispose();
        await _ofFeeds.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task Others_are_told_of_a_leave_though_the_client_has_yet_to_take_what_is_being_sent_to_it()
    {
        await _presences.JoinAsync(Room, "ann", Meta.Empty);
        await _client.Sending.InTime();

        var leaving = _presences.LeaveAsync(Room);

        await Expect.UntilAsync(() => !_node.Tracker.List(Room).Contains("ann"), "she is listed no more");
        Assert.False(leaving.IsCompleted);
        _mayTake.SetResult();
        await leaving.InTime();
    }

    [Fact]
    public async Task Who_leaves_and_cannot_be_untracked_goes_with_the_connection()
    {
        _mayTake.SetResult();
        await _presences.JoinAsync(Room, "ann", Meta.Empty);
        await _node.DisposeAsync();

        await Assert.ThrowsAnyAsync<PresenceException>(() => _presences.LeaveAsync(Room)).InTime();

        Assert.True(_client.IsAborted);
    }

    [Fact]
    public async Task Who_cannot_be_told_of_a_topic_is_not_listed_there_for_a_moment()
    {
        await using var told = await _node.Tracker.SubscribeAsync(Room);
        await _ofFeeds.DisposeAsync();

        await Assert.ThrowsAnyAsync<PresenceException>(() => _presences.JoinAsync(Room, "ann", Meta.Empty)).InTime();

        await _node.Tracker.TrackAsync(Room, "last", Owner.Lease(TimeSpan.FromHours(1)));
        Assert.Equal(["last"], (await told.NextAsync()).Joins.Select(joined => joined.Key));
    }

    private static PresenceNode Start() => PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = "akka.loglevel = OFF" });
}
