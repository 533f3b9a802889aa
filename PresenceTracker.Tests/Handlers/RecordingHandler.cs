using System.Threading.Channels;
using PresenceTracker.Handlers;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Tests.Handlers;

/// <summary>Keeps what it is told, and throws at whoever is called Mallory.</summary>
internal abstract class RecordingHandler : IPresenceHandler
{
    private readonly Channel<PresenceEvent> _changes = Channel.CreateUnbounded<PresenceEvent>();
    private readonly Channel<KeyChange> _keys = Channel.CreateUnbounded<KeyChange>();

    public abstract PresenceHandlerScope Scope { get; }

    /// <summary>What it is told waits for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public ChannelReader<PresenceEvent> Changes => _changes.Reader;

    /// <summary>What each of the changes was to its key.</summary>
    public ChannelReader<KeyChange> Keys => _keys.Reader;

    public async ValueTask HandleAsync(PresenceEvent change, KeyChange key, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken);
        if (change.Presence.Key == "mallory")
        {
            throw new InvalidOperationException("mallory");
        }

        _keys.Writer.TryWrite(key);
        _changes.Writer.TryWrite(change);
    }
}
