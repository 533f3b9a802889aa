using System.Net.WebSockets;

namespace PresenceTracker.SignalR.Socket;

/// <summary>
/// The frames of one WebSocket. Reading is for one caller; sending and closing are thread-safe. What cannot be sent because the client is
/// gone is dropped: whoever reads finds out.
/// </summary>
/// <param name="time">Tells who has sent or taken nothing for too long.</param>
internal sealed class SocketConnection(WebSocket socket, SocketVersion version, TimeProvider time) : IDisposable
{
    /// <summary>The code with which Phoenix drains a server: the client is to come back.</summary>
    public const WebSocketCloseStatus ServiceRestart = (WebSocketCloseStatus)1012;

    /// <summary>As long as a message between nodes; metas and names are far shorter.</summary>
    public const int FrameBytesMax = 64 * 1024;

    // So much of a long frame has to get through within the time-out, so that a large room is no reason to be dropped.
    private const int WriteBytesMax = 64 * 1024;

    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);

    // As Phoenix has it: clients send a heartbeat every 30 s.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _end = new(Timeout.InfiniteTimeSpan, time);
    private byte[] _buffer = new byte[4 * 1024];
    private volatile bool _isClosing;

    public SocketVersion Version { get; } = version;

    /// <returns>Null when the connection is closed or broken.</returns>
    public async Task<SocketFrame?> ReceiveAsync()
    {
        while (await ReceiveTextAsync() is { } text)
        {
            if (_isClosing)
            {
                continue;
            }

            if (SocketFrame.Parse(text.Span, Version) is { } frame)
            {
                return frame;
            }

            await CloseAsync(
                WebSocketCloseStatus.InvalidPayloadData,
                Version == SocketVersion.V2 ? "not [join_ref, ref, topic, event, payload]" : "not {topic, event, payload, ref}");
        }

        return null;
    }

    /// <summary>Completes when the connection has room for more. A client that takes nothing for 30 s is dropped.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> frame)
    {
        await _turn.WaitAsync();
        try
        {
            if (_isClosing)
            {
                return;
            }

            do
            {
                using var timeout = new CancellationTokenSource(WriteTimeout, time);
                var part = frame[..Math.Min(frame.Length, WriteBytesMax)];
                frame = frame[part.Length..];
                await socket.SendAsync(part, WebSocketMessageType.Text, frame.IsEmpty, timeout.Token);
            }
            while (!frame.IsEmpty);
        }
        catch (Exception gone) when (IsGone(gone))
        {
            Abort();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Says why it ends, if what is being sent leaves room for that within 2 s. What comes after it from the client is not looked at.
    /// </summary>
    public async Task CloseAsync(WebSocketCloseStatus code, string reason)
    {
        using var timeout = new CancellationTokenSource(CloseTimeout, time);
        var hasTurn = false;
        try
        {
            await _turn.WaitAsync(timeout.Token);
            hasTurn = true;
            if (!_isClosing)
            {
                _isClosing = true;
                _end.CancelAfter(CloseTimeout);
                await socket.CloseOutputAsync(code, reason, timeout.Token);
            }
        }
        catch (Exception gone) when (IsGone(gone))
        {
            Abort();
        }
        finally
        {
            if (hasTurn)
            {
                _turn.Release();
            }
        }
    }

    public void Abort()
    {
        _isClosing = true;
        socket.Abort();
    }

    public void Dispose()
    {
        _end.Dispose();
        _turn.Dispose();
    }

    /// <returns>Valid until the next call; null when the connection is closed or broken.</returns>
    private async Task<ReadOnlyMemory<byte>?> ReceiveTextAsync()
    {
        try
        {
            var length = 0;
            while (true)
            {
                if (length == _buffer.Length)
                {
                    Array.Resize(ref _buffer, Math.Min(2 * _buffer.Length, FrameBytesMax + 1));
                }

                if (!_isClosing)
                {
                    _end.CancelAfter(IdleTimeout);
                    if (_isClosing)
                    {
                        // Whoever closes meanwhile has said how long to wait, and that has just been taken back.
                        _end.CancelAfter(CloseTimeout);
                    }
                }

                var received = await socket.ReceiveAsync(_buffer.AsMemory(length), _end.Token);
                length += received.Count;
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    await CloseAsync(WebSocketCloseStatus.NormalClosure, "");
                    return null;
                }

                if (received.MessageType == WebSocketMessageType.Binary)
                {
                    await CloseAsync(WebSocketCloseStatus.InvalidMessageType, "binary frames are not served");
                    length = 0;
                }
                else if (length > FrameBytesMax)
                {
                    await CloseAsync(WebSocketCloseStatus.MessageTooBig, $"a frame has at most {FrameBytesMax} bytes");
                    length = 0;
                }
                else if (received.EndOfMessage)
                {
                    return _buffer.AsMemory(0, length);
                }
            }
        }
        catch (Exception gone) when (IsGone(gone))
        {
            Abort();
            return null;
        }
    }

    private static bool IsGone(Exception fault) => fault is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;
}
