using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;

namespace PresenceTracker.Tests.Wire;

/// <summary>An ear for what the log of an actor system says in warnings and errors.</summary>
internal sealed class WarningLog : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<string> _said = Channel.CreateUnbounded<string>();
    private readonly ActorSystem _system;
    private readonly IActorRef _ear;

    public WarningLog(ActorSystem system)
    {
        _system = system;
        _ear = system.ActorOf(Props.Create(() => new Ear(_said.Writer)));
        system.EventStream.Subscribe(_ear, typeof(Warning));
        system.EventStream.Subscribe(_ear, typeof(Error));
    }

    /// <summary>Waits until the log has said something with this text in it, after what was waited for before.</summary>
    public async Task SaidAsync(string text)
    {
        using var timeout = new CancellationTokenSource(Patience);
        List<string> other = [];
        try
        {
            while (await _said.Reader.ReadAsync(timeout.Token) is var entry)
            {
                if (entry.Contains(text, StringComparison.Ordinal))
                {
                    return;
                }

                other.Add(entry);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the log did not say '{text}' but {other.Count} others: {string.Join(" | ", other)}");
        }
    }

    public void Dispose() => _system.Stop(_ear);

    private sealed class Ear : ReceiveActor
    {
        public Ear(ChannelWriter<string> said) => Receive<LogEvent>(entry => said.TryWrite($"{entry.Message}"));
    }
}
