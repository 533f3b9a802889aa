using System.Text.Json.Nodes;
using PresenceTracker.Tests.SignalR;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>
/// Tells which keys came and which went in one room, as three clients of one Host see it: one that folds its stream of events, one of the hub that
/// watches the room, and one that has the keys for friends.
/// </summary>
internal sealed class KeyWitness : IAsyncDisposable
{
    /// <summary>With the marker as many as a connection may watch by default. The stream sees the others too.</summary>
    public const int FriendsMax = 999;

    private readonly EventStream _stream;
    private readonly HubClient _watcher;
    private readonly HubClient _friends;
    private readonly KeyFold _fold;
    private readonly KeyFold _watched;

    private KeyWitness(EventStream stream, HubClient watcher, HubMessage state, HubClient friends)
    {
        (_stream, _watcher, _friends) = (stream, watcher, friends);
        _fold = new KeyFold(stream.Refs);
        _watched = new KeyFold(PresenceFold.RefsOf(ObjectOf(state)));
    }

    /// <param name="marker">The key that <see cref="SeenAsync"/> waits for.</param>
    public static async Task<KeyWitness> OpenAsync(HostProcess host, string room, IEnumerable<string> keys, string marker)
    {
        var stream = await EventStream.OpenAsync(host.Url, room);
        var watcher = await HubClient.ConnectAsync(new Uri(host.Url, "hubs/presence"));
        await watcher.CallAsync("Watch", room);
        var state = await watcher.NextAsync();
        var friends = await HubClient.ConnectAsync(new Uri(host.Url, "hubs/presence"));
        await friends.CallAsync("SubscribeKeys", (object)keys.Take(FriendsMax).Append(marker).ToArray());
        await friends.NextAsync();
        return new KeyWitness(stream, watcher, state, friends);
    }

    /// <summary>Reads on until the marker has come, and says which keys came and went, as often as they did.</summary>
    public async Task<KeyEvents> SeenAsync(string marker)
    {
        while (!_fold.Seen.Came.Contains(marker))
        {
            _fold.Apply((await _stream.NextAsync()).Diff);
        }

        return _fold.Seen;
    }

    /// <summary>The same by the room as the hub tells of it.</summary>
    public async Task<KeyEvents> WatcherSeenAsync(string marker)
    {
        while (!_watched.Seen.Came.Contains(marker))
        {
            _watched.Apply(ObjectOf(await _watcher.NextDiffAsync()));
        }

        return _watched.Seen;
    }

    /// <summary>The same by the friends list.</summary>
    public async Task<KeyEvents> FriendsSeenAsync(string marker)
    {
        var seen = new KeyEvents([], []);
        while (!seen.Came.Contains(marker))
        {
            var diff = (await _friends.NextAsync()).Data;
            seen.Came.AddRange(diff.GetProperty("online").EnumerateArray().Select(key => key.GetString()!));
            seen.Went.AddRange(diff.GetProperty("offline").EnumerateArray().Select(key => key.GetString()!));
        }

        return seen;
    }

    public async ValueTask DisposeAsync()
    {
        await _friends.DisposeAsync();
        await _watcher.DisposeAsync();
        await _stream.DisposeAsync();
    }

    private static JsonObject ObjectOf(HubMessage message) => JsonObject.Create(message.Data)!;
}
