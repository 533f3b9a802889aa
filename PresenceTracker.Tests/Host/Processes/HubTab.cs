using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Tests.SignalR;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Somebody in a room by one connection of SignalR's own client to the hub of a Host. What it is told it does not look at.</summary>
internal sealed class HubTab : IAsyncDisposable
{
    private readonly HubConnection _connection;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HubTab(Uri host)
    {
        _connection = new HubConnectionBuilder()
            .WithUrl(new Uri(host, "hubs/presence"), HttpTransportType.WebSockets, connection => connection.SkipNegotiation = true)
            .AddJsonProtocol(json => json.PayloadSerializerOptions.Converters.Add(new SkippingConverter()))
            .Build();
        foreach (var name in new[] { HubMessage.State, HubMessage.Diff })
        {
            _connection.On<string, Unread>(name, (_, _) => Task.CompletedTask);
        }

        _connection.Closed += _ =>
        {
            _ended.TrySetResult();
            return Task.CompletedTask;
        };
    }

    /// <summary>Completes when the connection is over, whoever ended it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Connects and joins.</summary>
    public static async Task<HubTab> OpenAsync(Uri host, string room, string key)
    {
        var tab = new HubTab(host);
        try
        {
            await tab._connection.StartAsync();
            await tab.JoinAsync(room, key);
            return tab;
        }
        catch
        {
            await tab.DisposeAsync();
            throw;
        }
    }

    public Task JoinAsync(string room, string key) => _connection.InvokeAsync<string>("Join", room, key, (object?)null);

    public Task LeaveAsync(string room) => _connection.InvokeAsync("Leave", room);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>A state or a diff.</summary>
    private sealed record Unread;

    private sealed class SkippingConverter : JsonConverter<Unread>
    {
        public override Unread? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.Skip();
            return null;
        }

        public override void Write(Utf8JsonWriter writer, Unread value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
