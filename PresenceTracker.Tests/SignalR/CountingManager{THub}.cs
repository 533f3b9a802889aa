using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Stands for the manager of a backplane: tells what it was asked to send, and how many connections it was told of.</summary>
internal sealed class CountingManager<THub>(ILogger<DefaultHubLifetimeManager<THub>> logger) : DefaultHubLifetimeManager<THub>(logger)
    where THub : Hub
{
    private int _connections;

    public ConcurrentQueue<string> Sent { get; } = new();

    public int Connections => Volatile.Read(ref _connections);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        Interlocked.Increment(ref _connections);
        return base.OnConnectedAsync(connection);
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        Interlocked.Decrement(ref _connections);
        return base.OnDisconnectedAsync(connection);
    }

    public override Task SendAllAsync(string methodName, object?[] args, CancellationToken cancellationToken = default)
    {
        Sent.Enqueue(methodName);
        return base.SendAllAsync(methodName, args, cancellationToken);
    }
}
