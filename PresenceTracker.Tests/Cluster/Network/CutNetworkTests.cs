using System.Net;
using System.Net.Sockets;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;

namespace PresenceTracker.Tests.Cluster.Network;

/// <summary>The network that tests cut can end whenever they do.</summary>
public sealed class CutNetworkTests
{
    private const int Networks = 200;
    private const int Diallers = 4;

    [Fact]
    public async Task It_ends_in_good_order_while_nodes_go_on_to_connect()
    {
        for (var number = 0; number < Networks; number++)
        {
            var network = new CutNetwork();
            var port = FreePorts.Take();
            network.Serve(port, FreePorts.Take());
            var accepted = new TaskCompletionSource();
            var diallers = Enumerable.Range(0, Diallers).Select(_ => DialUntilRefusedAsync(port, accepted)).ToArray();

            await accepted.Task;
            await network.DisposeAsync();
            await Task.WhenAll(diallers);
        }
    }

    private static async Task DialUntilRefusedAsync(int port, TaskCompletionSource accepted)
    {
        try
        {
            while (true)
            {
                using var dialler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await dialler.ConnectAsync(IPAddress.Loopback, port);
                accepted.TrySetResult();
            }
        }
        catch (SocketException)
        {
            // Nobody listens there any more.
        }
    }
}
