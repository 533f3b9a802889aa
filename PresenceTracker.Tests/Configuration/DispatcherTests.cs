using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using PresenceTracker.Configuration;
using Xunit;

namespace PresenceTracker.Tests.Configuration;

/// <summary>Code that blocks the thread pool must not keep probes and their answers from being sent, carried and heard.</summary>
public sealed class DispatcherTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ActorSystem _one = ActorSystem.Create("node", Ours());
    private readonly ActorSystem _other = ActorSystem.Create("node", Ours());

    public Task InitializeAsync()
    {
        foreach (var system in (ExtendedActorSystem[])[(ExtendedActorSystem)_one, (ExtendedActorSystem)_other])
        {
            system.Serialization.AddSerializer("threads", new ThreadSerializer(system));
            system.Serialization.AddSerializationMap(typeof(Threads), new ThreadSerializer(system));
        }

        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _one.Terminate();
        await _other.Terminate();
    }

    [Fact]
    public async Task No_thread_of_the_pool_carries_a_message_from_one_node_to_another()
    {
        var arrived = Channel.CreateUnbounded<Threads>();
        _other.ActorOf(Props.Create(() => new Arrival(arrived.Writer)).WithDispatcher("presence.dispatcher"), "arrival");
        var address = ((ExtendedActorSystem)_other).Provider.DefaultAddress;
        var remote = ((ExtendedActorSystem)_one).Provider.ResolveActorRef($"{address}/user/arrival");

        remote.Tell(new Threads(null, null, null));

        using var timeout = new CancellationTokenSource(Patience);
        Assert.Equal(new Threads(Written: false, Read: false, Handled: false), await arrived.Reader.ReadAsync(timeout.Token));
    }

    private static Config Ours() => PresenceConfig.ForNewSystem(
        new RemotingAddress("127.0.0.1", 0), ConfigurationFactory.ParseString("akka { stdout-loglevel = OFF, loggers = [] }"));

    /// <summary>Whether a thread of the pool wrote, read and handled this message.</summary>
    private sealed record Threads(bool? Written, bool? Read, bool? Handled);

    private sealed class ThreadSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override int Identifier => 9_100;

        public override string Manifest(object o) => "t";

        public override byte[] ToBinary(object obj) => [Convert.ToByte(Thread.CurrentThread.IsThreadPoolThread)];

        public override object FromBinary(byte[] bytes, string manifest) =>
            new Threads(Convert.ToBoolean(bytes[0]), Thread.CurrentThread.IsThreadPoolThread, null);
    }

    private sealed class Arrival(ChannelWriter<Threads> arrived) : UntypedActor
    {
        protected override void OnReceive(object message) =>
            arrived.TryWrite((Threads)message with { Handled = Thread.CurrentThread.IsThreadPoolThread });
    }
}
