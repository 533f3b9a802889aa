using System.Net.WebSockets;
using Microsoft.Extensions.Time.Testing;
using PresenceTracker.SignalR.Socket;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Sockets;

/// <summary>A connection that the server closes ends 2 s later, whatever the client does.</summary>
public sealed class SocketCloseTests
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Of_a_client_that_takes_nothing()
    {
        var time = new FakeTimeProvider();
        await using var app = await HubApp.StartAsync();
        await using var socket = MemoryWebSocket.Open(app, isVersion1: false, time);
        socket.Gate = new TaskCompletionSource().Task;
        socket.Receive("""[null,"9","phoenix","heartbeat",{}]""");
        await socket.Sending.InTime();

        socket.StopServer();
        Assert.False(socket.Ended.IsCompleted);
        time.Advance(CloseTimeout);

        await socket.Ended.InTime();
    }

    [Fact]
    public async Task Of_a_client_for_whom_the_server_has_just_begun_to_wait()
    {
        var time = new WatchedTimeProvider();
        using var socket = new MemoryWebSocket();
        using var connection = new SocketConnection(socket, SocketVersion.V2, time);
        var closing = Task.CompletedTask;
        time.Setting = due =>
        {
            if (due > CloseTimeout && closing.IsCompleted)
            {
                time.Setting = null;
                closing = connection.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "the node stops");
            }
        };

        var receiving = connection.ReceiveAsync();
        await closing.InTime();
        Assert.False(receiving.IsCompleted);
        time.Advance(CloseTimeout);

        Assert.Null(await receiving.InTime());
    }
}
