using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR.Client;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A client of the presence hub, as a user would write one.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private readonly HubConnection _connection;
    private readonly Channel<HubMessage> _messages = Channel.CreateUnbounded<HubMessage>();

    private HubClient(Uri hub)
    {
        _connection = new HubConnectionBuilder().WithUrl(hub).Build();
        foreach (var name in new[] { HubMessage.State, HubMessage.Diff, HubMessage.Count })
        {
            _connection.On<string, JsonElement>(name, (topic, data) => _messages.Writer.TryWrite(new HubMessage(name, topic, data)));
        }

        foreach (var name in new[] { HubMessage.KeysState, HubMessage.KeysDiff })
        {
            _connection.On<JsonElement>(name, data => _messages.Writer.TryWrite(new HubMessage(name, "", data)));
        }

        _connection.On<string>("said", text => _messages.Writer.TryWrite(new HubMessage("said", text, default)));
        _connection.Closed += _ =>
        {
            _messages.Writer.TryComplete();
            return Task.CompletedTask;
        };
    }

    public static Task<HubClient> ConnectAsync(HubApp app) => ConnectAsync(app.Hub);

    public static async Task<HubClient> ConnectAsync(Uri hub)
    {
        var client = new HubClient(hub);
        await client._connection.StartAsync().InTime();
        return client;
    }

    /// <returns>What the hub method returned; undefined if it returns nothing.</returns>
    public Task<JsonElement> CallAsync(string method, params object?[] arguments) =>
        _connection.InvokeCoreAsync<JsonElement>(method, arguments).InTime();

    public async Task<string> JoinAsync(string topic, string key, object? meta = null) =>
        (await CallAsync("Join", topic, key, meta)).GetString()!;

    /// <summary>Joins, and takes the state that is sent for it.</summary>
    public async Task<HubMessage> JoinedAsync(string topic, string key, object? meta = null)
    {
        await JoinAsync(topic, key, meta);
        var state = await NextAsync();
        Xunit.Assert.Equal((HubMessage.State, topic), (state.Name, state.Topic));
        return state;
    }

    public Task<HubMessage> NextAsync() => _messages.Reader.ReadAsync().AsTask().InTime();

    /// <summary>All messages until the connection ends.</summary>
    public IAsyncEnumerable<HubMessage> Messages() => _messages.Reader.ReadAllAsync();

    /// <summary>The next message, which is a diff.</summary>
    public async Task<HubMessage> NextDiffAsync()
    {
        var diff = await NextAsync();
        Xunit.Assert.Equal(HubMessage.Diff, diff.Name);
        return diff;
    }

    /// <summary>Completes when the server has ended the connection.</summary>
    public Task ClosedAsync() => _messages.Reader.Completion.InTime();

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
