using System.Net;
using System.Net.Sockets;

namespace PresenceTracker.Tests.Cluster.Network;

/// <summary>
/// The network between node processes, as a TCP proxy in front of each of them: a node listens at one port and advertises the proxy's. So
/// the links between chosen pairs can be cut while the others live. Thread-safe.
/// </summary>
internal sealed class CutNetwork : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Link, CutManner> _cuts = [];
    private readonly Dictionary<ProxiedConnection, Link> _connections = [];
    private readonly CancellationTokenSource _end = new();
    private readonly List<TcpListener> _listeners = [];
    private readonly List<Task> _accepting = [];
    private bool _isDisposed;

    /// <summary>Takes connections for a node at the port that it advertises.</summary>
    public void Serve(int publicPort, int listenPort)
    {
        var listener = new TcpListener(IPAddress.Loopback, publicPort);
        listener.Start();
        _listeners.Add(listener);
        _accepting.Add(AcceptAsync(listener, publicPort, listenPort));
    }

    /// <summary>Cuts one node off from others, in both directions.</summary>
    public void Cut(int publicPort, IEnumerable<int> others, CutManner manner)
    {
        var links = others.Select(other => Link.Between(publicPort, other)).ToHashSet();
        lock (_lock)
        {
            foreach (var link in links)
            {
                _cuts[link] = manner;
            }

            foreach (var (connection, _) in _connections.Where(pair => links.Contains(pair.Value)).ToList())
            {
                Strike(connection, manner);
            }
        }
    }

    /// <summary>Ends the cut between two nodes. Connections that were swallowed stay dead; new ones pass.</summary>
    public void Heal(int publicPort, int other)
    {
        lock (_lock)
        {
            _cuts.Remove(Link.Between(publicPort, other));
        }
    }

    /// <summary>Ends all cuts.</summary>
    public void Heal()
    {
        lock (_lock)
        {
            _cuts.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_accepting);
        _listeners.ForEach(listener => listener.Dispose());
        _end.Dispose();
        lock (_lock)
        {
            _isDisposed = true;
            foreach (var connection in _connections.Keys)
            {
                connection.Dispose();
            }
        }
    }

    private static void Strike(ProxiedConnection connection, CutManner manner)
    {
        if (manner == CutManner.Reset)
        {
            connection.Reset();
        }
        else
        {
            connection.Swallow();
        }
    }

    private async Task AcceptAsync(TcpListener listener, int publicPort, int listenPort)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(_end.Token);
                _ = ServeAsync(new ProxiedConnection(socket), publicPort, listenPort);
            }
        }
        catch (OperationCanceledException)
        {
            // The network is disposed. Its listeners are stopped after this, for to accept at a stopped one is a fault of another kind than to wait.
        }
    }

    private async Task ServeAsync(ProxiedConnection connection, int publicPort, int listenPort)
    {
        using (connection)
        {
            try
            {
                if (await connection.ReadOriginAsync() is { } origin && TryAdd(connection, Link.Between(origin.Port, publicPort)))
                {
                    await connection.CarryAsync(origin.Read, listenPort);
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                connection.Reset();
            }
            finally
            {
                lock (_lock)
                {
                    _connections.Remove(connection);
                }
            }
        }
    }

    private bool TryAdd(ProxiedConnection connection, Link link)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return false;
            }

            _connections.Add(connection, link);
            if (_cuts.TryGetValue(link, out var manner))
            {
                Strike(connection, manner);
            }

            return true;
        }
    }
}
