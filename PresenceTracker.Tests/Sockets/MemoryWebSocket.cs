using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Socket;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Sockets;

/// <summary>A WebSocket without a network, which shows from which buffers the server sends. Disposing it closes it, as a client does.</summary>
internal sealed class MemoryWebSocket : WebSocket, IAsyncDisposable
{
    private readonly Channel<byte[]> _received = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<(string Text, byte[] Buffer)> _sent = Channel.CreateUnbounded<(string, byte[])>();
    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource _sending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SocketSession? _session;

    public bool IsVersion1 { get; private init; }

    /// <summary>What is sent waits for it, until the server gives up.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Completes when something is being sent.</summary>
    public Task Sending => _sending.Task;

    /// <summary>Completes when the server has done with it.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Open;

    public override string? SubProtocol => null;

    public static MemoryWebSocket Open(HubApp app, bool isVersion1, TimeProvider? time = null)
    {
        var socket = new MemoryWebSocket { IsVersion1 = isVersion1 };
        socket.Ended = socket.RunAsync(app.Services, time ?? TimeProvider.System);
        return socket;
    }

    /// <summary>The server stops.</summary>
    public void StopServer() => _session!.Stop();

    /// <summary>The server reads it next.</summary>
    public void Receive(string frame) => Assert.True(_received.Writer.TryWrite(Encoding.UTF8.GetBytes(frame)));

    /// <summary>The next frame that the server has sent.</summary>
    public Task<(string Text, byte[] Buffer)> SentAsync() => _sent.Reader.ReadAsync().AsTask().InTime();

    public async ValueTask DisposeAsync()
    {
        _received.Writer.TryComplete();
        await Ended.InTime();
    }

    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!await _received.Reader.WaitToReadAsync(cancellationToken))
        {
            return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true);
        }

        var frame = await _received.Reader.ReadAsync(cancellationToken);
        frame.CopyTo(buffer);
        return new ValueWebSocketReceiveResult(frame.Length, WebSocketMessageType.Text, endOfMessage: true);
    }

    public override async ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        Assert.True(endOfMessage);
        Assert.True(MemoryMarshal.TryGetArray(buffer, out var segment));
        _sending.TrySetResult();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _aborted.Token);
        await Gate.WaitAsync(end.Token);
        Assert.True(_sent.Writer.TryWrite((Encoding.UTF8.GetString(buffer.Span), segment.Array!)));
    }

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public override void Abort()
    {
        _aborted.Cancel();
        _received.Writer.TryComplete();
    }

    public override void Dispose() => _aborted.Dispose();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public override Task SendAsync(
        ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private async Task RunAsync(IServiceProvider services, TimeProvider time)
    {
        using var connection = new SocketConnection(this, IsVersion1 ? SocketVersion.V1 : SocketVersion.V2, time);
        var caller = new PresenceCaller(Guid.NewGuid().ToString("N"), UserId: null, User: null);
        _session = ActivatorUtilities.CreateInstance<SocketSession>(services, connection, caller, CancellationToken.None);
        await _session.RunAsync();
    }
}
