using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Serialization;
using PresenceTracker.Configuration;
using PresenceTracker.Gateway;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Wire;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Surface;

/// <summary>The tracker in actor systems that a user has made.</summary>
public sealed class ExtensionTests
{
    private const string Room = "room:1";

    private const string Local = "akka.loglevel = OFF, akka.stdout-loglevel = OFF";

    private const string Remote = """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = ["PresenceTracker.Tests.Surface.SilentLogger, PresenceTracker.Tests"]
          actor.provider = remote
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        }
        """;

    [Fact]
    public async Task A_system_without_remoting_is_a_cluster_of_one()
    {
        using var system = ActorSystem.Create("mine", Local);
        var extension = PresenceTrackerExtension.For(system);

        Assert.Same(extension, PresenceTrackerExtension.For(system));
        await extension.Tracker.Ready.InTime();
        await extension.Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));
        Assert.Equal(["alice"], extension.Tracker.List(Room).Keys);
        Assert.Single(extension.Tracker.Nodes);
    }

    [Fact]
    public void A_system_without_remoting_can_have_no_seeds_and_find_none()
    {
        using var system = ActorSystem.Create(
            "mine",
            Local + """, presence { seeds = ["127.0.0.1:4053"], discovery { dns = ["a:1", "b:2"], file = "/nodes", multicast = on } }""");

        var refused = Assert.Throws<PresenceConfigurationException>(() => PresenceTrackerExtension.For(system));

        const string none = "allowed is none, unless akka.actor.provider is remote or cluster";
        Assert.Equal(
            [
                $"presence.seeds = 127.0.0.1:4053: {none}", $"presence.discovery.dns = a:1, b:2: {none}",
                $"presence.discovery.file = /nodes: {none}", $"presence.discovery.multicast = on: {none}",
            ],
            refused.Faults.Select(fault => fault.ToString()));
    }

    [Theory]
    [InlineData("hostname = 0.0.0.0", "0.0.0.0")]
    [InlineData("hostname = \"\"", "0.0.0.0")]
    [InlineData("public-hostname = 0.0.0.0", "0.0.0.0")]
    public void A_system_that_advertises_all_interfaces_is_refused(string setting, string host)
    {
        using var system = ActorSystem.Create(
            "mine", ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.{setting}").WithFallback(Remote));

        var refused = Assert.Throws<PresenceConfigurationException>(() => PresenceTrackerExtension.For(system));

        Assert.Equal(
            $"akka.remote.dot-netty.tcp.public-hostname = {host}: allowed is {NodeAddress.HostForm}",
            Assert.Single(refused.Faults).ToString());
    }

    [Fact]
    public async Task The_extension_can_be_named_in_the_configuration()
    {
        using var system = ActorSystem.Create(
            "mine", Local + """, akka.extensions = ["PresenceTracker.PresenceTrackerExtensionProvider, PresenceTracker"]""");

        var actor = await system.ActorSelection("/user/presence").ResolveOne(Expect.Patience);

        Assert.False(actor.IsNobody());
    }

    [Fact]
    public async Task Systems_of_users_form_a_cluster()
    {
        using var first = ActorSystem.Create("mine", Remote);
        var a = PresenceTrackerExtension.For(first).Tracker;
        using var second = ActorSystem.Create(
            "mine", ConfigurationFactory.ParseString($"""presence.seeds = ["{a.Self.Address}"]""").WithFallback(Remote));
        var b = PresenceTrackerExtension.For(second).Tracker;
        await Task.WhenAll(a.Ready, b.Ready).InTime();
        await using var subscription = await b.SubscribeAsync(Room);

        await a.TrackAsync(Room, "alice", Owner.Connection("c1"), new { n = 1 });

        Assert.Equal("alice", (await subscription.NextEventAsync()).Presence.Key);
        await first.Terminate().InTime();
        Assert.Equal(LeaveReason.NodeLeft, (await subscription.NextEventAsync()).Reason);
    }

    [Fact]
    public async Task An_actor_of_another_system_cannot_subscribe_and_is_told_so()
    {
        using var system = ActorSystem.Create("mine", Remote);
        var extension = PresenceTrackerExtension.For(system);
        await using var other = new WireNode("other", Remote);
        var subscriber = ((ExtendedActorSystem)system).Provider.ResolveActorRef($"{other.Address}/user/inbox");

        extension.Gateway.Tell(new TrackerMessage.Subscribe(Room), subscriber);

        // Akka takes no exception over the network that has no constructor for it, so the other system sees no more than that it failed.
        Assert.IsType<Status.Failure>(await other.Received());
        Assert.Empty(((ActorRefWithCell)extension.Gateway).Children);
        await extension.Tracker.Ready.InTime();
        await extension.Tracker.TrackAsync(Room, "alice", Owner.Connection("c1"));
        Assert.True(other.HasReceivedNothing);
    }

    [Fact]
    public async Task Its_own_serializer_is_all_that_it_changes_and_what_differs_is_logged_once()
    {
        using var system = ActorSystem.Create("mine", Remote);
        var warnings = new List<Warning>();
        var hearer = system.ActorOf(Props.Create(() => new Hearer(warnings)));
        system.EventStream.Subscribe(hearer, typeof(Warning));
        var before = Settings(system);

        _ = PresenceTrackerExtension.For(system);
        _ = PresenceTrackerExtension.For(system);

        var added = Settings(system);
        Assert.All(before, line => Assert.True(added.Remove(line), $"{line} is gone"));
        Assert.NotEmpty(added);
        Assert.All(added, line => Assert.Contains("PresenceTracker.Wire.", line, StringComparison.Ordinal));
        var serialization = system.Serialization;
        Assert.IsType<PresenceSerializer>(serialization.FindSerializerForType(typeof(GossipEnvelope)));
        Assert.IsType<PresenceSerializer>(serialization.FindSerializerForType(typeof(MembershipEnvelope)));
        Assert.IsType<NewtonSoftJsonSerializer>(serialization.FindSerializerForType(typeof(Version)));
        await hearer.GracefulStop(Expect.Patience);
        var differences = PresenceConfig.DifferencesFrom(system.Settings.Config);
        Assert.NotEmpty(differences);
        Assert.Equal(
            differences.Select(difference => difference.ToString()).Order(StringComparer.Ordinal),
            warnings.Where(warning => warning.LogClass == typeof(PresenceTrackerExtension))
                .Select(warning => warning.Message.ToString()!).Order(StringComparer.Ordinal));
    }

    // All that was configured, apart from the section of the tracker.
    private static List<string> Settings(ActorSystem system) => [.. system.Settings.Config.GetConfig("akka").Root.ToString().Split('\n')];

    private sealed class Hearer : ReceiveActor
    {
        public Hearer(List<Warning> warnings) => Receive<Warning>(warnings.Add);
    }
}
