using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using PresenceTracker.Wire;

namespace PresenceTracker.Tests.Wire;

/// <summary>A real actor system with remoting on loopback, an actor that takes anything, and an ear for what its log says.</summary>
internal sealed class WireNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<object> _received = Channel.CreateUnbounded<object>();
    private readonly WarningLog _log;

    public WireNode(string name, Config config)
    {
        System = ActorSystem.Create(name, config);
        Serializer = PresenceSerializer.Of((ExtendedActorSystem)System);
        System.ActorOf(Props.Create(() => new Recorder(_received.Writer)), "inbox");
        _log = new WarningLog(System);
    }

    public ActorSystem System { get; }

    public PresenceSerializer Serializer { get; }

    public Address Address => ((ExtendedActorSystem)System).Provider.DefaultAddress;

    public IActorRef InboxOf(WireNode other) =>
        ((ExtendedActorSystem)System).Provider.ResolveActorRef($"{other.Address}/user/inbox");

    public async Task<object> Received()
    {
        using var timeout = new CancellationTokenSource(Patience);
        return await _received.Reader.ReadAsync(timeout.Token);
    }

    public bool HasReceivedNothing => _received.Reader.Count == 0;

    /// <summary>Waits until the log has said something with this text in it.</summary>
    public Task Logged(string text) => _log.SaidAsync(text);

    public async ValueTask DisposeAsync()
    {
        _log.Dispose();
        await System.Terminate();
    }

    private sealed class Recorder(ChannelWriter<object> writer) : UntypedActor
    {
        protected override void OnReceive(object message) => writer.TryWrite(message);
    }
}
