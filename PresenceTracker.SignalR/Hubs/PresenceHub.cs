using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>
/// Presences that live and die with a SignalR connection. Whoever joined a topic is sent <c>presence_state(topic, state)</c> and from then
/// on each <c>presence_diff(topic, diff)</c>, in order, once, and nothing that the state covers already.
/// </summary>
/// <remarks>
/// <para>An application may derive its own hub from it and add methods; one that overrides <see cref="OnConnectedAsync"/> or
/// <see cref="OnDisconnectedAsync"/> must call these.</para>
/// <para>Metas, states and diffs are JSON: the hub serves the JSON protocol of SignalR, which is its default.</para>
/// <para>A client that does not read is bounded: for each topic one message waits for its connection, and behind it at most
/// <c>presence.subscriber-queue</c> diffs; beyond that its next diff leads to the present state in one step.</para>
/// <para>What is refused fails as <see cref="HubException"/> with the reason, and has changed nothing.</para>
/// </remarks>
public class PresenceHub(Tracker tracker, IOptions<PresenceHubOptions> options) : Hub
{
    private ConnectionPresences Presences => (ConnectionPresences)Context.Items[typeof(ConnectionPresences)]!;

    public override Task OnConnectedAsync()
    {
        Context.Items[typeof(ConnectionPresences)] = new ConnectionPresences(tracker, Context, Clients.Caller, options.Value.TopicsMax);
        return base.OnConnectedAsync();
    }

    /// <summary>The connection's presences are listed until their leave grace is over, unless their key comes back before.</summary>
    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        try
        {
            await Presences.CloseAsync();
        }
        finally
        {
            await base.OnDisconnectedAsync(exception);
        }
    }

    /// <summary>Lists the key in the topic while the connection lives, or gives it another meta, and sends the topic's state.</summary>
    /// <param name="meta">A JSON object; null is the empty one.</param>
    /// <returns>The ref of the presence.</returns>
    public Task<string> Join(string topic, string key, JsonElement? meta) =>
        RefusedByReason(() => Presences.JoinAsync(topic, key, MetaOf(meta)));

    /// <summary>Gives this connection's presence in the topic another meta. An equal one changes nothing and tells nobody.</summary>
    /// <returns>The ref of the presence, a new one if the meta is.</returns>
    public Task<string> Update(string topic, JsonElement? meta) => RefusedByReason(() => Presences.UpdateAsync(topic, MetaOf(meta)));

    /// <summary>Ends this connection's presence in the topic at once, and its diffs.</summary>
    public Task Leave(string topic) => RefusedByReason(async () =>
    {
        await Presences.LeaveAsync(topic);
        return true;
    });

    /// <summary>The state of a topic, whether this connection has joined it or not.</summary>
    public Task<object> List(string topic) => RefusedByReason(() => Task.FromResult<object>(PresencePayload.State(tracker.List(topic))));

    private static Meta MetaOf(JsonElement? meta) =>
        meta is { ValueKind: not JsonValueKind.Null } given ? Metas.Parse(given.GetRawText()) : Meta.Empty;

    // SignalR hides the message of any other exception from the client.
    private static async Task<T> RefusedByReason<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception refused) when (refused is PresenceException or ArgumentException)
        {
            throw new HubException(refused.Message);
        }
    }
}
