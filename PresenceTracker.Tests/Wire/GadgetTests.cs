using System.Text;
using Akka.Actor;
using Akka.Configuration;
using PresenceTracker.Configuration;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Wire;

/// <summary>
/// What a hostile peer can send to a real node. Each probe is first shown to work against a node with Akka's defaults, or else that it was
/// refused would say nothing.
/// </summary>
[Collection(Gadgets.Collection)]
public sealed class GadgetTests : IAsyncLifetime
{
    private const string Loopback = "127.0.0.1";
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

    private readonly WireNode _node = new("node", OurConfig());
    private readonly WireNode _peer = new("node", OurConfig());
    private readonly WireNode _hostile = new("node", AkkaDefaults);
    private readonly WireNode _defaults = new("node", AkkaDefaults);

    public Task InitializeAsync()
    {
        _hostile.System.Serialization.AddSerializationMap(typeof(RawMessage), new RawSerializer((ExtendedActorSystem)_hostile.System));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _peer.DisposeAsync();
        await _hostile.DisposeAsync();
        await _defaults.DisposeAsync();
    }

    [Theory]
    [InlineData(1, "")]
    [InlineData(1, GadgetType)]
    [InlineData(2, GadgetType)]
    public async Task An_object_that_a_peer_names_is_built_by_Akkas_defaults_and_not_here(int serializer, string manifest)
    {
        var probe = new RawMessage(serializer, manifest, serializer == 1 ? GadgetJson : []);
        var before = Gadgets.Built;
        _hostile.InboxOf(_defaults).Tell(probe);
        if (serializer == 1)
        {
            Assert.IsType<Gadget>(await _defaults.Received());
        }
        else
        {
            await _defaults.Logged("serializer id [2]");
        }

        Assert.True(Gadgets.Built > before);

        before = Gadgets.Built;
        _hostile.InboxOf(_node).Tell(probe);
        await _node.Logged($"serializer id [{serializer}]");
        Assert.Equal(before, Gadgets.Built);
        await StillTalksToItsPeer();
    }

    [Fact]
    public async Task An_object_within_a_selection_is_not_built()
    {
        var before = Gadgets.Built;
        _hostile.System.ActorSelection($"{_defaults.Address}/user/inbox").Tell(new RawMessage(1, "", GadgetJson));
        Assert.IsType<Gadget>(await _defaults.Received());
        Assert.True(Gadgets.Built > before);

        before = Gadgets.Built;
        _hostile.System.ActorSelection($"{_node.Address}/user/inbox").Tell(new RawMessage(1, "", GadgetJson));
        await _node.Logged("serializer id [6]");
        Assert.Equal(before, Gadgets.Built);
        await StillTalksToItsPeer();
    }

    [Fact]
    public async Task An_exception_that_a_peer_names_is_not_built()
    {
        var before = Gadgets.Built;
        _hostile.InboxOf(_defaults).Tell(new Status.Failure(new GadgetException()));
        Assert.IsType<GadgetException>(Assert.IsType<Status.Failure>(await _defaults.Received()).Cause);
        Assert.True(Gadgets.Built > before);

        before = Gadgets.Built;
        _hostile.InboxOf(_node).Tell(new Status.Failure(new GadgetException()));
        await _node.Logged("serializer id [16]");
        Assert.Equal(before, Gadgets.Built);
        await StillTalksToItsPeer();
    }

    [Fact]
    public async Task An_actor_that_a_peer_deploys_is_not_started()
    {
        var before = Gadgets.Built;
        _hostile.System.ActorOf(Props.Create<GadgetActor>().WithDeploy(Deploy.None.WithScope(new RemoteScope(_defaults.Address))));
        Assert.True(SpinWait.SpinUntil(() => Gadgets.Built > before, TimeSpan.FromSeconds(20)));

        before = Gadgets.Built;
        _hostile.System.ActorOf(Props.Create<GadgetActor>().WithDeploy(Deploy.None.WithScope(new RemoteScope(_node.Address))));
        await _node.Logged("serializer id [3]");
        Assert.Equal(before, Gadgets.Built);
        await StillTalksToItsPeer();
    }

    [Fact]
    public async Task System_messages_are_not_taken()
    {
        var watched = _hostile.InboxOf(_node);
        _hostile.System.ActorOf(Props.Create(() => new Watcher(watched)));
        await _node.Logged("id [22]");
        await StillTalksToItsPeer();
    }

    [Theory]
    [InlineData(9_999, "")]
    [InlineData(PresenceSerializer.Number, "")]
    [InlineData(PresenceSerializer.Number, "zz")]
    [InlineData(PresenceSerializer.Number, GadgetType)]
    [InlineData(PresenceSerializer.Number, "gp")]
    public async Task What_is_not_on_the_list_is_refused_and_the_connection_stays(int serializer, string manifest)
    {
        _hostile.InboxOf(_node).Tell(new RawMessage(serializer, manifest, GadgetJson));
        await _node.Logged($"serializer id [{serializer}]");
        Assert.Equal(serializer == PresenceSerializer.Number ? 1 : 0, _node.Serializer.Refused);

        // The same connection: it takes a good message right behind the bad one.
        var good = new GossipEnvelope(Sender(_hostile), new GossipMessage.PushAck(1));
        _hostile.InboxOf(_node).Tell(good);
        Assert.Equal(good, await _node.Received());
        await StillTalksToItsPeer();
    }

    [Fact]
    public async Task Selections_within_selections_do_not_exhaust_the_stack()
    {
        // Read by Akka's own serializer, each level takes stack and a copy of what is within.
        byte[] nested = [];
        for (var level = 0; level < 5_000; level++)
        {
            nested = [0x0A, .. Prefixed([0x0A, .. Prefixed(nested), 0x10, 6])];
        }

        _hostile.InboxOf(_node).Tell(new RawMessage(6, "Akka.Actor.ActorSelectionMessage, Akka", nested));
        await _node.Logged("serializer id [6]");
        await StillTalksToItsPeer();
    }

    private static byte[] Prefixed(byte[] bytes) =>
        [(byte)(bytes.Length & 0x7F | 0x80), (byte)(bytes.Length >> 7 & 0x7F | 0x80), (byte)(bytes.Length >> 14), .. bytes];

    private static Config OurConfig() => PresenceConfig.ForNewSystem(
        new RemotingAddress(Loopback, 0), ConfigurationFactory.ParseString("akka { stdout-loglevel = OFF, loggers = [] }"));

    private static NodeId Sender(WireNode node) => new($"{node.Address.Host}:{node.Address.Port}", new Incarnation(1, 2));

    private async Task StillTalksToItsPeer()
    {
        Assert.True(_node.HasReceivedNothing);
        var question = new GossipEnvelope(Sender(_peer), new GossipMessage.DigestEqual(true));
        _peer.InboxOf(_node).Tell(question);
        Assert.Equal(question, await _node.Received());
        var answer = new GossipEnvelope(Sender(_node), new GossipMessage.DigestEqual(false));
        _node.InboxOf(_peer).Tell(answer);
        Assert.Equal(answer, await _peer.Received());
        Assert.False(_node.System.WhenTerminated.IsCompleted);
    }
}
