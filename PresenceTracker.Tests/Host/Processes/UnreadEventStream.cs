using System.Net.Sockets;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>A client that asks for the events of a topic and reads none of them, with little room for what it does not read.</summary>
internal sealed class UnreadEventStream : IDisposable
{
    private const int ReceiveBufferBytes = 4 * 1024;

    // The kernel of the node gives a connection room for some segments, which on one machine are of 64 KB: megabytes, that a test would have to
    // fill. So this client says that it takes no more than what every path takes.
    private const int TcpMaxSegment = 2;
    private const int SegmentBytes = 536;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = ReceiveBufferBytes };
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpMaxSegment, BitConverter.GetBytes(SegmentBytes));
            }

            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
        ResponseDrainTimeout = TimeSpan.Zero,
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private Stream _stream = Stream.Null;

    public static async Task<UnreadEventStream> OpenAsync(Uri host, string topic)
    {
        var unread = new UnreadEventStream();
        unread._stream = await unread._http.GetStreamAsync(new Uri(host, $"api/topics/{Uri.EscapeDataString(topic)}/events"));
        return unread;
    }

    /// <summary>Reads what has waited for it, and goes on.</summary>
    public EventStream Read() => new(_http, _stream);

    public void Dispose()
    {
        _stream.Dispose();
        _http.Dispose();
    }
}
