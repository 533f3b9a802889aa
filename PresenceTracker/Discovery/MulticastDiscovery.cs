using System.Net;
using System.Net.Sockets;
using System.Text;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Discovery;

/// <summary>
/// Nodes on one LAN tell each other by multicast where they are: with each look one datagram, and what was heard meanwhile is what it finds. One
/// that does not say the name of this cluster, and prove its token, touches nothing.
/// </summary>
internal sealed class MulticastDiscovery : IDiscovery
{
    // Twice as many as the largest cluster sends in its busiest second. What comes beyond waits in the socket, and is lost there.
    private const int DatagramsPerSecondMax = 2_000;

    // A node that is not heard of for so long is none to greet first any more; with the longest interval, three of its beacons.
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(3);

    private readonly IPEndPoint _group;
    private readonly IPAddress _interface;
    private readonly byte[] _clusterName;
    private readonly string _self;
    private readonly SharedToken? _token;
    private readonly byte[] _beacon;
    private readonly HeardNodes _heard;
    private readonly long[] _faults = new long[Enum.GetValues<DiscoveryFaultKind>().Length];
    private readonly CancellationTokenSource _ending = new();
    private Action _changed = () => { };
    private Socket? _socket;
    private volatile SocketException? _deaf;

    /// <param name="group">IPv4.</param>
    /// <param name="bindHost">
    /// Where this node listens. If it is an IPv4 address, the group is joined on the network of that address; else where the system's routes say.
    /// </param>
    /// <param name="self">The address that this node advertises.</param>
    /// <param name="countMax">How many addresses are remembered.</param>
    public MulticastDiscovery(
        IPEndPoint group, string bindHost, string clusterName, string self, SharedToken? token, int countMax, TimeProvider clock)
    {
        _group = group;
        _clusterName = Encoding.UTF8.GetBytes(clusterName);
        _self = self;
        _token = token;
        _beacon = Beacon.Write(clusterName, self, token);
        _heard = new HeardNodes(countMax, Kept, clock);
        _interface = IPAddress.TryParse(bindHost, out var own) && own.AddressFamily == AddressFamily.InterNetwork
            ? own
            : IPAddress.Any;
        Name = $"the multicast group {group}";
    }

    public string Name { get; }

    public DiscoverySource Source => DiscoverySource.Multicast;

    public void Begin(Action changed) => _changed = changed;

    public async Task<Finding> LookAsync(CancellationToken cancellation)
    {
        DiscoveryFault? unreachable = null;
        try
        {
            if (_deaf is { } deaf)
            {
                _deaf = null;
                _socket?.Dispose();
                _socket = null;
                unreachable = Unreachable(deaf);
            }

            _socket ??= Join();
            await _socket.SendToAsync(_beacon, SocketFlags.None, _group, cancellation);
        }
        catch (SocketException failed)
        {
            unreachable = Unreachable(failed);
        }

        var heard = _heard.Take();
        var faults = Enum.GetValues<DiscoveryFaultKind>()
            .Select(kind => new DiscoveryFault(kind, Interlocked.Exchange(ref _faults[(int)kind], 0), Detail: null))
            .Where(fault => fault.Count > 0);

        // That nobody was heard says nothing: perhaps nobody has spoken yet.
        return new Finding(heard.IsEmpty ? null : heard, unreachable is null ? [.. faults] : [unreachable, .. faults]);
    }

    public void Dispose()
    {
        _ending.Cancel();
        _socket?.Dispose();
        _ending.Dispose();
    }

    private static DiscoveryFault Unreachable(SocketException fault) =>
        new(DiscoveryFaultKind.Unreachable, 1, $"nothing can be said or heard there: {fault.Message}");

    private Socket Join()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // Several nodes of one machine listen on the port, and each hears all.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, _group.Port));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(_group.Address, _interface));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, _interface.GetAddressBytes());

            // No router passes it on.
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 1);
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _ = HearAsync(socket, _ending.Token);
        return socket;
    }

    private async Task HearAsync(Socket socket, CancellationToken ending)
    {
        // One byte more than is taken shows that there were more.
        var buffer = new byte[Beacon.BytesMax + 1];
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (true)
            {
                var isOver = second.WaitForNextTickAsync(ending).AsTask();
                for (var datagrams = 0; datagrams < DatagramsPerSecondMax && !isOver.IsCompleted; datagrams++)
                {
                    Hear(buffer.AsSpan(0, await ReceiveAsync(socket, buffer, ending)));
                }

                await isOver;
            }
        }
        catch (SocketException failed)
        {
            // The next look tells it, and tries to hear again.
            _deaf = failed;
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
        {
            // The node stops, or the next look has a socket of its own.
        }
    }

    private static async ValueTask<int> ReceiveAsync(Socket socket, byte[] buffer, CancellationToken ending)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, SocketFlags.None, ending);
        }
        catch (SocketException tooLong) when (tooLong.SocketErrorCode == SocketError.MessageSize)
        {
            // As Windows says it; elsewhere the buffer is full.
            return buffer.Length;
        }
    }

    private void Hear(ReadOnlySpan<byte> datagram)
    {
        var address = Beacon.Read(datagram, _clusterName, _token, out var fault);
        if (address is not null && address != _self)
        {
            var isNews = _heard.Hear(address);
            fault = isNews is null ? DiscoveryFaultKind.TooMany : null;
            if (isNews == true)
            {
                _changed();
            }
        }

        if (fault is { } kind)
        {
            Interlocked.Increment(ref _faults[(int)kind]);
        }
    }
}
