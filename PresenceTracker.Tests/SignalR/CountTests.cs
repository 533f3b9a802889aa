using Akka.Actor;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Actors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.SignalR.Access;
using PresenceTracker.Tests.Actors;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Clients of large rooms who are told how many are there, and not who.</summary>
public sealed class CountTests : IAsyncLifetime
{
    private const string Room = "room:1";
    private const int Many = 500;
    private const int Shards = 2;

    private readonly Owner _owner = Owner.Lease(TimeSpan.FromHours(1));
    private HubApp _app = null!;
    private HubClient _client = null!;

    public async Task InitializeAsync()
    {
        _app = await HubApp.StartAsync($"presence.shards = {Shards}", configure: options => options.CountInterval = TimeSpan.FromMilliseconds(200));
        _client = await HubClient.ConnectAsync(_app);
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Of_many_joins_a_client_is_told_the_count_in_a_few_messages()
    {
        await _client.CallAsync("WatchCount", Room);
        Assert.Equal((0, 0), await NextCountAsync());

        for (var n = 0; n < Many; n++)
        {
            await _app.Tracker.TrackAsync(Room, $"user {n % (Many / 2)}", Owner.Connection($"c{n}"));
        }

        Assert.InRange(await ToldUntilAsync((Many / 2, Many)), 1, Many / 10);
    }

    [Fact]
    public async Task A_client_that_watches_the_count_and_joins_is_listed_and_told_the_count_alone()
    {
        await _client.CallAsync("WatchCount", Room);
        await _client.JoinAsync(Room, "ann");
        await ToldUntilAsync((1, 1));
        await _app.Tracker.TrackAsync(Room, "bob", _owner);
        await ToldUntilAsync((2, 2));
        await _client.CallAsync("Update", Room, new { away = true });
        Assert.Equal("""{"away":true}""", Assert.Single(_app.Tracker.GetByKey(Room, "ann")).Meta.ToString());

        await _client.CallAsync("Leave", Room);

        Assert.Equal(["bob"], _app.Tracker.List(Room).Keys);
    }

    [Fact]
    public async Task A_client_in_a_room_that_grows_goes_over_to_the_count_and_back()
    {
        await _client.JoinedAsync(Room, "ann");
        await _client.CallAsync("WatchCount", Room);
        Assert.Equal((1, 1), await NextCountAsync());
        await _app.Tracker.TrackAsync(Room, "bob", _owner);
        Assert.Equal((2, 2), await NextCountAsync());

        await _client.CallAsync("Watch", Room);

        // The presence of who only watches has ended.
        var state = await _client.NextAsync();
        Assert.Equal((HubMessage.State, "bob"), (state.Name, Assert.Single(state.Keys)));
    }

    [Fact]
    public async Task Who_may_not_list_a_topic_is_not_told_its_count_either()
    {
        await using var app = await HubApp.StartAsync(add: services => services.AddSingleton<IPresenceAuthorizer, HouseRulesAuthorizer>());
        await using var client = await HubClient.ConnectAsync(app);

        await Assert.ThrowsAsync<HubException>(() => client.CallAsync("WatchCount", "cellar"));
    }

    [Fact]
    public async Task A_tracker_that_stopped_ends_the_connections_that_are_told_its_counts()
    {
        await _client.CallAsync("WatchCount", Room);
        await NextCountAsync();

        await _app.Tracker.LeaveAsync();

        await _client.ClosedAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_shard_that_stays_down_ends_the_connections_that_are_told_counts_of_its_topics_alone(int shardsAway)
    {
        await _client.CallAsync("WatchCount", Room);
        Assert.Equal((0, 0), await NextCountAsync());
        var shard = await _app.Services.GetRequiredService<PresenceNode>().System
            .ActorSelection($"/user/{PresenceSupervisor.Name}/shard-{(StableHash.ShardOf(Room, Shards) + shardsAway) % Shards}").ResolveOne(Expect.Patience);
        for (var crash = 0; crash < 3; crash++)
        {
            shard.Tell(Crash.Delivery);
        }

        if (shardsAway == 0)
        {
            await _client.ClosedAsync();
            return;
        }

        await Expect.UntilAsync(() => !_app.Tracker.IsReady, "the other shard to stay down");
        for (var count = 1; count <= 3; count++)
        {
            await _app.Tracker.TrackAsync(Room, $"user {count}", _owner);
            await ToldUntilAsync((count, count));
        }
    }

    /// <summary>Reads counts, and nothing else, until this one.</summary>
    /// <returns>How many there were.</returns>
    private async Task<int> ToldUntilAsync((int Keys, int Metas) expected)
    {
        for (var told = 1; ; told++)
        {
            if (await NextCountAsync() == expected)
            {
                return told;
            }
        }
    }

    private async Task<(int Keys, int Metas)> NextCountAsync()
    {
        var message = await _client.NextAsync();
        Assert.Equal((HubMessage.Count, Room), (message.Name, message.Topic));
        return (message.Data.GetProperty("keys").GetInt32(), message.Data.GetProperty("metas").GetInt32());
    }
}
