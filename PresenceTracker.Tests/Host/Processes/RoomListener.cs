using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using PresenceTracker.Tests.SignalR;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Somebody in a room of the hub who notes when which key was seen to join.</summary>
internal sealed class RoomListener : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _joined = new(StringComparer.Ordinal);
    private readonly HubConnection _connection;

    private RoomListener(Uri host)
    {
        _connection = new HubConnectionBuilder()
            .WithUrl(new Uri(host, "hubs/presence"), HttpTransportType.WebSockets, connection => connection.SkipNegotiation = true)
            .Build();
        _connection.On<string, JsonElement>(HubMessage.Diff, (_, diff) => Note(diff, Stopwatch.GetTimestamp()));
    }

    public static async Task<RoomListener> OpenAsync(Uri host, string room, string key)
    {
        var listener = new RoomListener(host);
        await listener._connection.StartAsync();
        await listener._connection.InvokeAsync<string>("Join", room, key, (object?)null);
        return listener;
    }

    /// <returns>When the key was seen to join; null if it was not.</returns>
    public long? JoinedAt(string key)
    {
        lock (_gate)
        {
            return _joined.TryGetValue(key, out var at) ? at : null;
        }
    }

    public Task LeaveAsync(string room) => _connection.InvokeAsync("Leave", room);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void Note(JsonElement diff, long at)
    {
        lock (_gate)
        {
            foreach (var joined in diff.GetProperty("joins").EnumerateObject())
            {
                _joined.TryAdd(joined.Name, at);
            }
        }
    }
}
