using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using PresenceTracker.Tests.Host.Processes;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>What one event stream of a Host has told, from its first state to its end; it may be told a state anew. Not thread-safe.</summary>
/// <param name="hosts">The addresses of all Hosts' nodes.</param>
internal sealed class WatchSession(int host, string topic, IReadOnlyList<string> hosts)
{
    private readonly PresenceFold _fold = new();
    private readonly Dictionary<string, ShownPresence> _present = new(StringComparer.Ordinal);
    private readonly List<ShownPresence> _shown = [];
    private readonly List<(TimeSpan At, ulong Digest)> _steps = [];
    private ulong _digest;

    public int Host { get; } = host;

    public string Topic { get; } = topic;

    public IReadOnlyList<ShownPresence> Shown => _shown;

    /// <summary>The digest of the fold from each moment on.</summary>
    public IReadOnlyList<(TimeSpan At, ulong Digest)> Steps => _steps;

    /// <summary>Null while it goes on.</summary>
    public TimeSpan? Ended { get; private set; }

    /// <summary>The same for the same refs, in whatever order.</summary>
    public static ulong Digest(IEnumerable<string> refs) => refs.Aggregate(0UL, (digest, one) => digest ^ HashOf(one));

    public Span SpanUntil(TimeSpan end) => new(_steps.Count > 0 ? _steps[0].At : end, Ended ?? end);

    public Span SpanOf(ShownPresence shown, TimeSpan end) => new(shown.From, shown.Until ?? Ended ?? end);

    /// <summary>The first one, or one in the place of all that was told before.</summary>
    public void State(JsonObject state, TimeSpan at)
    {
        _fold.Replace(state);
        foreach (var presence in _present.Values)
        {
            presence.Until = at;
        }

        _present.Clear();
        _digest = 0;
        Join(state, at);
        _steps.Add((at, _digest));
    }

    /// <exception cref="InvalidOperationException">Joins and leaves do not alternate.</exception>
    public void Diff(JsonObject diff, TimeSpan at)
    {
        _fold.Apply(diff);
        Join(diff["joins"]!.AsObject(), at);
        foreach (var (_, left) in diff["leaves"]!.AsObject())
        {
            foreach (var meta in left!["metas"]!.AsArray())
            {
                _present.Remove(RefOf(meta!), out var gone);
                gone!.Until = at;
                _digest ^= HashOf(gone.Ref);
            }
        }

        _steps.Add((at, _digest));
    }

    public void End(TimeSpan at) => Ended = at;

    private static string RefOf(JsonNode meta) => meta["phx_ref"]!.GetValue<string>();

    private static ulong HashOf(string text) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()));

    private void Join(JsonObject joins, TimeSpan at)
    {
        foreach (var (key, joined) in joins)
        {
            foreach (var meta in joined!["metas"]!.AsArray())
            {
                var holder = ((List<string>)[.. hosts]).IndexOf(meta!["phx_node"]!.GetValue<string>());
                var shown = new ShownPresence(key, RefOf(meta), meta["n"]!.GetValue<int>(), holder, at);
                _shown.Add(shown);
                _present.Add(shown.Ref, shown);
                _digest ^= HashOf(shown.Ref);
            }
        }
    }
}
