using System.Collections.Concurrent;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Enrichment;

namespace PresenceTracker.Tests.Enrichment;

/// <summary>Answers as the test says, and tells what it was asked.</summary>
internal sealed class ScriptedEnricher : IPresenceEnricher
{
    private readonly ConcurrentQueue<string> _asked = new();

    /// <summary>What it does from now on; at first everybody but nobody has a name, which is the key in capitals.</summary>
    public Func<IReadOnlyCollection<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, Meta>>> Answer { get; set; } =
        (keys, _) => new(Names(keys));

    /// <summary>Each call, as the topic and its keys in order.</summary>
    public IEnumerable<string> Asked => _asked;

    public static IReadOnlyDictionary<string, Meta> Names(IEnumerable<string> keys) =>
        keys.Where(key => key != "nobody").ToDictionary(key => key, key => Metas.From(new { name = key.ToUpperInvariant(), metas = "no" }));

    public ValueTask<IReadOnlyDictionary<string, Meta>> FetchAsync(
        string topic, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        _asked.Enqueue($"{topic}: {string.Join(' ', keys.Order(StringComparer.Ordinal))}");
        return Answer(keys, cancellationToken);
    }
}
