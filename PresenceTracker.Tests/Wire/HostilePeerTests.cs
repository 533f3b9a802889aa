using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Surface;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Wire;

/// <summary>
/// What a hostile peer sends to the three actors of a running node that other nodes speak to, and to its port. That these probes do harm
/// elsewhere is shown in <see cref="GadgetTests"/>.
/// </summary>
[Collection(Gadgets.Collection)]
public sealed class HostilePeerTests : IAsyncLifetime
{
    private const string Room = "room:1";
    private const string GadgetType = "PresenceTracker.Tests.Wire.Gadget, PresenceTracker.Tests";
    private static readonly byte[] GadgetJson = Encoding.UTF8.GetBytes($$"""{"$type":"{{GadgetType}}","Name":"x"}""");

    private static readonly Config AkkaDefaults = ConfigurationFactory.ParseString("""
        akka {
          stdout-loglevel = OFF
          loggers = []
          actor.provider = remote
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        }
        """);

    private readonly PresenceNode _node = PresenceNode.Start(new PresenceTrackerOptions
    {
        NodePort = 0,
        Hocon = "akka { stdout-loglevel = OFF, loggers = [] }",
    });

    private readonly WireNode _hostile = new("presence", AkkaDefaults);

    public async Task InitializeAsync()
    {
        _hostile.System.Serialization.AddSerializationMap(typeof(RawMessage), new RawSerializer((ExtendedActorSystem)_hostile.System));
        await _node.Tracker.Ready.InTime();
        await _node.Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _hostile.DisposeAsync();
    }

    [Theory]
    [InlineData("heartbeat")]
    [InlineData("monitor")]
    [InlineData("leases")]
    public async Task Nothing_that_a_hostile_peer_sends_to_an_actor_of_the_node_builds_anything_or_ends_it(string actor)
    {
        var path = $"{((ExtendedActorSystem)_node.System).Provider.DefaultAddress}/user/presence/{actor}";
        var target = ((ExtendedActorSystem)_hostile.System).Provider.ResolveActorRef(path);
        using var log = new WarningLog(_node.System);
        var before = Gadgets.Built;
        (RawMessage Message, string Refusal)[] probes =
        [
            (new RawMessage(9_999, "", GadgetJson), "serializer id [9999]"),
            (new RawMessage(1, "", GadgetJson), "serializer id [1]"),
            (new RawMessage(1, GadgetType, GadgetJson), "serializer id [1]"),
            (new RawMessage(PresenceSerializer.Number, "zz", GadgetJson), $"serializer id [{PresenceSerializer.Number}]"),
            (new RawMessage(PresenceSerializer.Number, GadgetType, GadgetJson), $"serializer id [{PresenceSerializer.Number}]"),
            .. PresenceSerializer.Kinds.Select(kind => (
                new RawMessage(PresenceSerializer.Number, kind.Manifest, Bytes(500)), $"serializer id [{PresenceSerializer.Number}]")),
        ];

        foreach (var (message, refusal) in probes)
        {
            target.Tell(message);
            await log.SaidAsync(refusal);
        }

        _hostile.System.ActorSelection(path).Tell(new RawMessage(1, "", GadgetJson));
        await log.SaidAsync("serializer id [6]");
        Assert.Equal(before, Gadgets.Built);
        Assert.Equal(probes.Count(probe => probe.Message.SerializerId == PresenceSerializer.Number), Refused());
        await StillTracksAsync();
    }

    [Fact]
    public async Task What_is_not_Akka_at_all_leaves_the_node_as_it_was()
    {
        byte[][] garbage = [Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n"), Bytes(100_000)];
        var address = ((ExtendedActorSystem)_node.System).Provider.DefaultAddress;
        foreach (var bytes in garbage)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port!.Value);
            await client.GetStream().WriteAsync(bytes);
            await ClosedByTheNodeAsync(client).InTime();
        }

        await StillTracksAsync();
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static async Task ClosedByTheNodeAsync(TcpClient client)
    {
        var buffer = new byte[1_000];
        try
        {
            while (await client.GetStream().ReadAsync(buffer) > 0)
            {
                // The node may say something before it hangs up.
            }
        }
        catch (IOException reset) when (reset.InnerException is SocketException)
        {
            // It hung up while bytes were still under way to it.
        }
    }

    private long Refused() =>
        ((PresenceSerializer)_node.System.Serialization.FindSerializerForType(typeof(GossipEnvelope))).Refused;

    private async Task StillTracksAsync()
    {
        var tracker = _node.Tracker;
        await using var subscription = await tracker.SubscribeAsync(Room).InTime();
        await tracker.TrackAsync(Room, "bob", Owner.Connection("c1")).InTime();
        Assert.Equal(["bob"], (await subscription.NextAsync()).KeysJoined);
        Assert.Equal(["alice", "bob"], tracker.List(Room).Keys);
        Assert.True(tracker.IsReady);
        Assert.False(tracker.Stopped.IsCompleted);
    }
}
