using System.Net;
using System.Net.Sockets;

namespace PresenceTracker.Tests.Cluster.Network;

/// <summary>One connection from a node to another, through the proxy.</summary>
internal sealed class ProxiedConnection(Socket dialler) : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private int _isSwallowed;

    private bool IsSwallowed => Volatile.Read(ref _isSwallowed) != 0;

    /// <summary>Reads until the dialling node has said who it is.</summary>
    /// <returns>The port that it advertises, and everything read so far; null if it closed the connection before.</returns>
    public async Task<(int Port, ReadOnlyMemory<byte> Read)?> ReadOriginAsync()
    {
        dialler.NoDelay = true;
        var buffer = new byte[BufferBytes];
        var length = 0;
        while (true)
        {
            var received = await dialler.ReceiveAsync(buffer.AsMemory(length));
            if (received == 0)
            {
                return null;
            }

            length += received;
            if (AssociateFrame.OriginPort(buffer.AsSpan(0, length)) is { } port)
            {
                return (port, buffer.AsMemory(0, length));
            }
        }
    }

    /// <summary>Carries bytes both ways until either side ends the connection.</summary>
    public async Task CarryAsync(ReadOnlyMemory<byte> alreadyRead, int toPort)
    {
        if (IsSwallowed)
        {
            await DiscardAsync(dialler);
            return;
        }

        await _listener.ConnectAsync(IPAddress.Loopback, toPort);
        await _listener.SendAsync(alreadyRead);
        await Task.WhenAll(PumpAsync(dialler, _listener), PumpAsync(_listener, dialler));
    }

    /// <summary>From now on nothing comes through any more, for good.</summary>
    public void Swallow() => Volatile.Write(ref _isSwallowed, 1);

    public void Reset()
    {
        Reset(dialler);
        Reset(_listener);
    }

    public void Dispose()
    {
        dialler.Dispose();
        _listener.Dispose();
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            for (var read = await from.ReceiveAsync(buffer); read > 0; read = await from.ReceiveAsync(buffer))
            {
                if (!IsSwallowed)
                {
                    await to.SendAsync(buffer.AsMemory(0, read));
                }
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The same as an orderly end: below.
        }

        // That a side has gone does not get through a black hole either.
        if (!IsSwallowed)
        {
            Reset(to);
        }
    }

    private static async Task DiscardAsync(Socket from)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReceiveAsync(buffer) > 0)
        {
            // Nothing: that is the point.
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            // Without lingering, closing sends a reset.
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return;
        }

        socket.Close();
    }
}
