using System.Net;
using System.Net.Sockets;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>
/// Ports for nodes that must be known before they start, or be taken again after a restart. Below the range from which the system takes
/// ports for connections that go out, so that none of those takes one in between.
/// </summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Last = 32_000;

    private static int _next = First + Random.Shared.Next(Last - First);

    public static int Take()
    {
        for (var tried = First; tried < Last; tried++)
        {
            var port = First + (Interlocked.Increment(ref _next) % (Last - First));
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"no port from {First} to {Last} is free");
    }

    /// <returns>The first of so many ports, one after the other.</returns>
    public static int TakeRow(int count)
    {
        var row = new List<int>();
        while (row.Count < count)
        {
            var port = Take();
            if (row.Count > 0 && row[^1] + 1 != port)
            {
                row.Clear();
            }

            row.Add(port);
        }

        return row[0];
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
