using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Sockets;

/// <summary>A client of the presence socket, frame by frame. What it reads has <c>*</c> in the place of each ref of a presence.</summary>
internal sealed partial class SocketClient : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    private SocketClient()
    {
    }

    public string? SubProtocol => _socket.SubProtocol;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    public static async Task<SocketClient> ConnectAsync(Uri host, string query = "?vsn=2.0.0", params string[] protocols)
    {
        var client = new SocketClient();
        foreach (var protocol in protocols)
        {
            client._socket.Options.AddSubProtocol(protocol);
        }

        await client._socket.ConnectAsync(UrlOf(host, query), default).InTime();
        return client;
    }

    /// <summary>One that has little room for what it does not read.</summary>
    public static async Task<SocketClient> ConnectSlowAsync(Uri host)
    {
        var client = new SocketClient();
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8 * 1024 };
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        await client._socket.ConnectAsync(UrlOf(host, "?vsn=2.0.0"), invoker, default).InTime();
        return client;
    }

    public Task SendAsync(string frame, WebSocketMessageType type = WebSocketMessageType.Text) => SendAsync(Encoding.UTF8.GetBytes(frame), type);

    public Task SendAsync(byte[] frame, WebSocketMessageType type = WebSocketMessageType.Text) =>
        _socket.SendAsync(frame, type, endOfMessage: true, default).InTime();

    /// <returns>Null when the server has closed the connection.</returns>
    public async Task<string?> ReadAsync() => await ReadRawAsync() is { } frame ? Refs().Replace(frame, "$1*\"") : null;

    /// <returns>With the refs; null when the server has closed the connection.</returns>
    public async Task<string?> ReadRawAsync()
    {
        var length = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(length), default).AsTask().InTime();
            length += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (received.EndOfMessage)
            {
                return Encoding.UTF8.GetString(_buffer.AsSpan(0, length));
            }
        }
    }

    /// <summary>The next frames, in this order.</summary>
    public async Task ExpectAsync(params string[] frames)
    {
        foreach (var frame in frames)
        {
            Assert.Equal(frame, await ReadAsync());
        }
    }

    /// <summary>Sends one frame and expects these.</summary>
    public async Task AskAsync(string frame, params string[] answers)
    {
        await SendAsync(frame);
        await ExpectAsync(answers);
    }

    /// <summary>The next frames that are replies, so many; what comes between them is passed over.</summary>
    public async Task<IReadOnlyList<string>> ReadRepliesAsync(int count)
    {
        var replies = new List<string>();
        while (replies.Count < count)
        {
            var frame = await ReadAsync();
            Assert.NotNull(frame);
            if (frame.Contains("\"phx_reply\"", StringComparison.Ordinal))
            {
                replies.Add(frame);
            }
        }

        return replies;
    }

    /// <summary>Sends one frame and expects these, of which the reply and what the topic says may overtake each other.</summary>
    public async Task AskInAnyOrderAsync(string frame, params string[] answers)
    {
        await SendAsync(frame);
        var read = new List<string?>();
        while (read.Count < answers.Length)
        {
            read.Add(await ReadAsync());
        }

        Assert.Equal(answers.Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal));
    }

    public void Dispose() => _socket.Dispose();

    public static Uri UrlOf(Uri host, string query) => new(new UriBuilder(host) { Scheme = "ws" }.Uri, "/socket/websocket" + query);

    [GeneratedRegex("(\"phx_ref(?:_prev)?\":\"|\"response\":\\{\"ref\":\")[^\"]+\"")]
    private static partial Regex Refs();
}
