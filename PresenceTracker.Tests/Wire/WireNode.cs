using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using PresenceTracker.Wire;

namespace PresenceTracker.Tests.Wire;

/// <summary>A real actor system with remoting on loopback, an actor that takes anything, and an ear for what its log says.</summary>
internal sealed class WireNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<object> _received = Channel.CreateUnbounded<object>();
    private readonly Channel<string> _warnings = Channel.CreateUnbounded<string>();

    public WireNode(string name, Config config)
    {
        System = ActorSystem.Create(name, config);
        Serializer = PresenceSerializer.Register((ExtendedActorSystem)System);
        System.ActorOf(Props.Create(() => new Recorder<object>(_received.Writer, message => message)), "inbox");
        var ear = System.ActorOf(Props.Create(() => new Recorder<string>(_warnings.Writer, entry => $"{((LogEvent)entry).Message}")));
        System.EventStream.Subscribe(ear, typeof(Warning));
        System.EventStream.Subscribe(ear, typeof(Error));
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
    public async Task Logged(string text)
    {
        using var timeout = new CancellationTokenSource(Patience);
        List<string> other = [];
        try
        {
            while (await _warnings.Reader.ReadAsync(timeout.Token) is var warning)
            {
                if (warning.Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                other.Add(warning);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the log did not say '{text}' but {other.Count} others: {string.Join(" | ", other)}");
        }
    }

    public async ValueTask DisposeAsync() => await System.Terminate();

    private sealed class Recorder<T>(ChannelWriter<T> writer, Func<object, T> read) : UntypedActor
    {
        protected override void OnReceive(object message) => writer.TryWrite(read(message));
    }
}
