using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A client of the presence hub that reads only when it is told to, and has little room for what it did not read.</summary>
internal sealed class RawHubSocket : IDisposable
{
    private const byte RecordSeparator = 0x1e;
    private const int ReceiveBufferBytes = 8 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly List<byte> _received = [];

    public static async Task<RawHubSocket> ConnectAsync(Uri hub, CancellationToken cancellationToken)
    {
        var raw = new RawHubSocket();
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = ReceiveBufferBytes };
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        await raw._socket.ConnectAsync(new UriBuilder(hub) { Scheme = "ws" }.Uri, invoker, cancellationToken);
        await raw.SendAsync("""{"protocol":"json","version":1}""", cancellationToken);
        return raw;
    }

    public Task InvokeAsync(string method, object?[] arguments, CancellationToken cancellationToken) =>
        SendAsync(JsonSerializer.Serialize(new { type = 1, target = method, arguments }), cancellationToken);

    /// <summary>Reads until there is a message that the hub sent by itself.</summary>
    public async Task<HubMessage> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var record = JsonDocument.Parse(await RecordAsync(cancellationToken) ?? throw new EndOfStreamException("the server has closed"));
            if (record.RootElement.TryGetProperty("target", out var name))
            {
                var arguments = record.RootElement.GetProperty("arguments");
                return new HubMessage(name.GetString()!, arguments[0].GetString()!, arguments[1].Clone());
            }
        }
    }

    /// <summary>The next record of any kind, as text; null when the server has closed the connection.</summary>
    public async Task<string?> ReadRecordAsync(CancellationToken cancellationToken) =>
        await RecordAsync(cancellationToken) is { } record ? Encoding.UTF8.GetString(record) : null;

    public void Dispose() => _socket.Dispose();

    /// <summary>Sends a record, whatever it is.</summary>
    public Task SendAsync(string json, CancellationToken cancellationToken) =>
        _socket.SendAsync(
            (byte[])[.. Encoding.UTF8.GetBytes(json), RecordSeparator], WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    private async Task<byte[]?> RecordAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        int end;
        while ((end = _received.IndexOf(RecordSeparator)) < 0)
        {
            var read = await _socket.ReceiveAsync(buffer, cancellationToken);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            _received.AddRange(buffer.AsSpan(0, read.Count));
        }

        var record = _received[..end].ToArray();
        _received.RemoveRange(0, end + 1);
        return record;
    }
}
