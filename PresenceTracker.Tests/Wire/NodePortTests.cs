using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using PresenceTracker.Configuration;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Wire;

/// <summary>What is not Akka at all, on the port of a real node.</summary>
public sealed class NodePortTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WireNode _node = new("node", OurConfig());
    private readonly WireNode _peer = new("node", OurConfig());

    public static TheoryData<string, byte[]> Garbage => new()
    {
        { "HTTP", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n") },
        { "TLS hello", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03, .. Bytes(500)] },
        { "random bytes", Bytes(100_000) },
        { "a length beyond any frame", [0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3] },
        { "a negative length", [0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3] },
        { "a frame of random bytes", Frame(Bytes(1_000)) },
        { "a frame of no bytes", Frame([]) },
        { "a payload before any handshake", Frame([0x0A, 0x03, 1, 2, 3]) },
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _peer.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_ends_its_connection_and_nothing_else(string what, byte[] bytes)
    {
        await TalkToTheNode();
        using var client = await Connect();
        await client.GetStream().WriteAsync(bytes);
        Assert.True(await IsClosedByTheNode(client), what);
        await TalkToTheNode();
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed()
    {
        using var client = await Connect();
        Assert.True(await IsClosedByTheNode(client));
        await TalkToTheNode();
    }

    [Fact]
    public async Task A_connection_that_falls_silent_within_a_frame_is_closed()
    {
        using var client = await Connect();
        await client.GetStream().WriteAsync(Frame(Bytes(1_000)).AsMemory(0, 500));
        Assert.True(await IsClosedByTheNode(client));
        await TalkToTheNode();
    }

    [Fact]
    public async Task Many_connections_that_say_nothing_leave_the_node_to_its_peer()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Connect()));
        await TalkToTheNode();
        Assert.All(await Task.WhenAll(clients.Select(IsClosedByTheNode)), Assert.True);
        Array.ForEach(clients, client => client.Dispose());
        await TalkToTheNode();
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Frame(byte[] content)
    {
        var frame = new byte[sizeof(int) + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, content.Length);
        content.CopyTo(frame.AsSpan(sizeof(int)));
        return frame;
    }

    private static Config OurConfig() => PresenceConfig.ForNewSystem(
        new RemotingAddress("127.0.0.1", 0), ConfigurationFactory.ParseString("akka { stdout-loglevel = OFF, loggers = [] }"));

    private static async Task<bool> IsClosedByTheNode(TcpClient client)
    {
        using var timeout = new CancellationTokenSource(Patience);
        var buffer = new byte[1_000];
        try
        {
            while (await client.GetStream().ReadAsync(buffer, timeout.Token) > 0)
            {
                // The node may say something before it hangs up.
            }

            return true;
        }
        catch (IOException reset) when (reset.InnerException is SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<TcpClient> Connect()
    {
        var client = new TcpClient();
        await client.ConnectAsync(_node.Address.Host, _node.Address.Port!.Value);
        return client;
    }

    private async Task TalkToTheNode()
    {
        var question = new GossipEnvelope(new NodeId("peer:1", new Incarnation(1, 2)), new GossipMessage.DigestEqual(true));
        _peer.InboxOf(_node).Tell(question);
        Assert.Equal(question, await _node.Received());
        Assert.False(_node.System.WhenTerminated.IsCompleted);
    }
}
