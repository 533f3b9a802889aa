using Microsoft.AspNetCore.SignalR;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>
/// Presences that live and die with a SignalR connection, for the methods of any hub: each method takes the hub's <see cref="Hub.Context"/>.
/// Thread-safe.
/// </summary>
/// <remarks>
/// <para>Whoever joined or watches a topic is sent <c>presence_state(topic, state)</c> and from then on <c>presence_diff(topic, diff)</c> for what changes,
/// in order, once, and nothing that the state covers already. Who watches keys is sent <c>keys_state(keys)</c> and then
/// <c>keys_diff({online, offline})</c>. The hub sends nothing of it itself, and does nothing when a connection ends.</para>
/// <para>States and diffs are JSON: connections must speak the JSON protocol of SignalR, which is its default, and with <c>System.Text.Json</c>. Calls of
/// those that speak another one, as MessagePack, are refused.</para>
/// <para>A client that does not read is bounded: at most 64 messages of a topic wait for it; then its next diff leads to the present state in one
/// step. SignalR drops who takes nothing for 10 s, or what <c>TransportSendTimeout</c> of the hub's endpoint says.</para>
/// <para>What is refused fails as <see cref="HubException"/> with the reason, which SignalR tells the client, and has changed nothing.</para>
/// </remarks>
public sealed class HubPresence
{
    private readonly HubConnections _connections;

    internal HubPresence(HubConnections connections) => _connections = connections;

    /// <summary>Lists the key in the topic while the connection lives, or gives it another meta, and sends the topic's state.</summary>
    /// <param name="key">Null for the id of the authenticated user.</param>
    /// <returns>The ref of the presence.</returns>
    public Task<string> JoinAsync(HubCallerContext connection, string topic, string? key, Meta? meta = null) =>
        RefusedByReason(() => _connections.Of(connection).JoinAsync(topic, key, meta ?? Meta.Empty));

    /// <summary>As the other overload, with the meta made of an object by JSON serialization.</summary>
    /// <inheritdoc cref="JoinAsync(HubCallerContext, string, string?, Meta?)"/>
    public Task<string> JoinAsync<TMeta>(HubCallerContext connection, string topic, string? key, TMeta meta) =>
        RefusedByReason(() => _connections.Of(connection).JoinAsync(topic, key, Metas.From(meta)));

    /// <summary>
    /// Sends the topic's state and then its diffs, as to who joined, without listing the connection there: the presence that it has in the topic
    /// ends. It can join later.
    /// </summary>
    public Task WatchAsync(HubCallerContext connection, string topic) => RefusedByReason(async () =>
    {
        ArgumentNullException.ThrowIfNull(topic);
        await _connections.Of(connection).ReplaceAsync(topic, key: null, Meta.Empty, accepted: null);
        return topic;
    });

    /// <summary>
    /// Sends <c>presence_count(topic, {keys, metas})</c>, how many are in the topic, instead of who: at first, and then at most once in the count
    /// interval, when it has changed. For rooms of thousands, whose members a client cannot show anyway. Called before
    /// <see cref="JoinAsync(HubCallerContext, string, string?, Meta?)"/>, the connection is in the topic and told of its count alone; called after it, its
    /// presence goes on. <see cref="WatchAsync"/> tells who is there again.
    /// </summary>
    public Task WatchCountAsync(HubCallerContext connection, string topic) => RefusedByReason(async () =>
    {
        await _connections.Of(connection).WatchCountAsync(topic);
        return topic;
    });

    /// <summary>
    /// Gives the connection's presence in the topic another meta. An equal one changes nothing and tells nobody. Within the update interval after
    /// another update it waits, and only the last of those that wait is published.
    /// </summary>
    /// <returns>The ref of the presence, a new one if another meta has been published.</returns>
    public Task<string> UpdateAsync(HubCallerContext connection, string topic, Meta meta) =>
        RefusedByReason(() => _connections.Of(connection).UpdateAsync(topic, meta));

    /// <inheritdoc cref="UpdateAsync(HubCallerContext, string, Meta)"/>
    public Task<string> UpdateAsync<TMeta>(HubCallerContext connection, string topic, TMeta meta) =>
        RefusedByReason(() => _connections.Of(connection).UpdateAsync(topic, Metas.From(meta)));

    /// <summary>Ends the connection's presence in the topic at once, and its diffs; or these alone, if it only watches.</summary>
    public Task LeaveAsync(HubCallerContext connection, string topic) => RefusedByReason(async () =>
    {
        await _connections.Of(connection).LeaveAsync(topic);
        return topic;
    });

    /// <summary>The state of a topic as <c>presence_state</c> has it, to be returned by a hub method; whether the connection has joined or not.</summary>
    public Task<object> ListAsync(HubCallerContext connection, string topic) =>
        RefusedByReason(async () => (object)await _connections.Of(connection).ListAsync(topic));

    /// <summary>
    /// Tells the connection which of the keys are online in any topic, and who comes online and goes offline: a friends list. Said again, the
    /// new keys take the place of the old ones; with none it ends.
    /// </summary>
    public Task SubscribeKeysAsync(HubCallerContext connection, IReadOnlyCollection<string> keys) => RefusedByReason(async () =>
    {
        await _connections.Of(connection).WatchAsync(keys);
        return keys;
    });

    /// <summary>Which of the keys are online now, in any topic.</summary>
    public Task<IReadOnlyDictionary<string, bool>> IsOnlineAsync(HubCallerContext connection, IReadOnlyCollection<string> keys) =>
        RefusedByReason(() => _connections.Of(connection).IsOnlineAsync(keys));

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
