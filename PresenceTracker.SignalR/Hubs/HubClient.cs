using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Feeds;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>A hub connection of this node.</summary>
internal sealed class HubClient(HubConnectionContext connection) : IPresenceClient
{
    public PresenceCaller Caller { get; } = new(connection.ConnectionId, connection.UserIdentifier, connection.User);

    public CancellationToken Aborted => connection.ConnectionAborted;

    public ValueTask SendAsync(FeedMessage message) => connection.WriteAsync(message.ForHubs);

    public void Abort()
    {
        // After Abort of SignalR a client does not reconnect by itself, and it is to come back.
        if (connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            lifetime.RequestClose();
        }
        else
        {
            connection.Abort();
        }
    }
}
