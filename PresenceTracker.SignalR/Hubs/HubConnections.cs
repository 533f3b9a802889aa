using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Feeds;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>The hub connections of this node, of all hubs. Thread-safe.</summary>
internal sealed class HubConnections(
    Tracker tracker, TopicFeeds feeds, IPresenceAuthorizer authorizer, IOptions<PresenceHubOptions> options)
{
    private const string Json = "json";

    private readonly ConcurrentDictionary<string, (ConnectionPresences Presences, string Protocol)> _connections = new(StringComparer.Ordinal);

    public void Add(HubConnectionContext connection) =>
        _connections[connection.ConnectionId] =
            (new ConnectionPresences(tracker, feeds, authorizer, options.Value, new HubClient(connection)), connection.Protocol.Name);

    public Task RemoveAsync(HubConnectionContext connection) =>
        _connections.TryRemove(connection.ConnectionId, out var removed) ? removed.Presences.CloseAsync() : Task.CompletedTask;

    public ConnectionPresences Of(HubCallerContext connection)
    {
        if (!_connections.TryGetValue(connection.ConnectionId, out var found))
        {
            throw new HubException("the connection is closed");
        }

        return found.Protocol == Json
            ? found.Presences
            : throw new HubException($"presence is told in JSON, and this connection speaks {found.Protocol}: build it with the JSON protocol of SignalR");
    }
}
