using Microsoft.AspNetCore.SignalR;
using PresenceTracker.Owners;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Which of a list of keys are online, told to a hub connection.</summary>
public sealed class FriendsTests : IAsyncLifetime
{
    private readonly Owner _owner = Owner.Lease(TimeSpan.FromHours(1));
    private HubApp _app = null!;

    public async Task InitializeAsync() => _app = await HubApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Who_is_online_is_told_first_and_then_who_comes_and_who_goes()
    {
        await _app.Tracker.TrackAsync("room:1", "bob", _owner);
        await using var alice = await HubClient.ConnectAsync(_app);
        Assert.Equal("""{"bob":true,"carol":false}""", (await alice.CallAsync("IsOnline", new[] { "bob", "carol" } as object)).GetRawText());

        await alice.CallAsync("SubscribeKeys", new[] { "bob", "carol" } as object);
        await _app.Tracker.TrackAsync("room:2", "bob", _owner);
        await _app.Tracker.TrackAsync("room:2", "dave", _owner);
        await _app.Tracker.TrackAsync("room:2", "carol", _owner);
        await _app.Tracker.UntrackAsync("room:1", "bob", _owner);
        await _app.Tracker.UntrackAsync("room:2", "bob", _owner);

        await NextIsAsync(alice, HubMessage.KeysState, """["bob"]""");
        await NextIsAsync(alice, HubMessage.KeysDiff, """{"online":["carol"],"offline":[]}""");
        await NextIsAsync(alice, HubMessage.KeysDiff, """{"online":[],"offline":["bob"]}""");
    }

    [Fact]
    public async Task Keys_that_are_subscribed_later_take_the_place_of_those_before_and_none_end_it()
    {
        await using var alice = await HubClient.ConnectAsync(_app);
        await alice.CallAsync("SubscribeKeys", new[] { "bob" } as object);
        await NextIsAsync(alice, HubMessage.KeysState, "[]");
        await alice.CallAsync("SubscribeKeys", new[] { "carol" } as object);
        await NextIsAsync(alice, HubMessage.KeysState, "[]");
        await _app.Tracker.TrackManyAsync([new("room:1", "bob", _owner, PresenceTracker.Protocol.Presences.Meta.Empty)]);
        await _app.Tracker.TrackAsync("room:1", "carol", _owner);
        await NextIsAsync(alice, HubMessage.KeysDiff, """{"online":["carol"],"offline":[]}""");

        await alice.CallAsync("SubscribeKeys", Array.Empty<string>() as object);
        await _app.Tracker.UntrackAsync("room:1", "carol", _owner);

        // The next message there is belongs to a room.
        await alice.JoinedAsync("room:2", "alice");
    }

    [Fact]
    public async Task Too_many_keys_are_refused()
    {
        await using var alice = await HubClient.ConnectAsync(_app);
        var keys = Enumerable.Range(0, 1_001).Select(n => $"{n}").ToArray();
        foreach (var method in new[] { "SubscribeKeys", "IsOnline" })
        {
            var refused = await Assert.ThrowsAsync<HubException>(() => alice.CallAsync(method, keys as object));
            Assert.Contains("keys of a connection: 1001 is not allowed, at most 1000 is", refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task NextIsAsync(HubClient client, string name, string json)
    {
        var message = await client.NextAsync();
        Assert.Equal((name, json), (message.Name, message.Data.GetRawText()));
    }
}
