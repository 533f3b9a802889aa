using PresenceTracker.Tests.SignalR;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>
/// Tells which keys came and which went in one room, as two clients of one Host see it: one that folds its stream of events, and one of the hub
/// that has the keys for friends.
/// </summary>
internal sealed class KeyWitness : IAsyncDisposable
{
    /// <summary>With the marker as many as a connection may watch by default. The stream sees the others too.</summary>
    public const int FriendsMax = 999;

    private readonly EventStream _stream;
    private readonly HubClient _friends;
    private readonly KeyFold _fold;

    private KeyWitness(EventStream stream, HubClient friends) => (_stream, _friends, _fold) = (stream, friends, new KeyFold(stream.Refs));

    /// <param name="marker">The key that <see cref="SeenAsync"/> waits for.</param>
    public static async Task<KeyWitness> OpenAsync(HostProcess host, string room, IEnumerable<string> keys, string marker)
    {
        var stream = await EventStream.OpenAsync(host.Url, room);
        var friends = await HubClient.ConnectAsync(new Uri(host.Url, "hubs/presence"));
        await friends.CallAsync("SubscribeKeys", (object)keys.Take(FriendsMax).Append(marker).ToArray());
        await friends.NextAsync();
        return new KeyWitness(stream, friends);
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
        await _stream.DisposeAsync();
    }
}
