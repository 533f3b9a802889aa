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
    private readonly ConcurrentDictionary<string, ConnectionPresences> _connections = new(StringComparer.Ordinal);

    public void Add(HubConnectionContext connection) =>
        _connections[connection.ConnectionId] =
            new ConnectionPresences(tracker, feeds, authorizer, options.Value, new HubClient(connection));

    public Task RemoveAsync(HubConnectionContext connection) =>
        _connections.TryRemove(connection.ConnectionId, out var presences) ? presences.CloseAsync() : Task.CompletedTask;

    public ConnectionPresences Of(HubCallerContext connection) =>
        _connections.GetValueOrDefault(connection.ConnectionId) ?? throw new HubException("the connection is closed");
}
