using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Enrichment;

/// <summary>
/// What is known of the keys of topics for a while. Beyond its size it forgets the half that was learnt first. Thread-safe.
/// </summary>
internal sealed class EnrichmentCache(TimeProvider time)
{
    /// <summary>With fields of 200 bytes, these take about 5 MB.</summary>
    public const int EntriesMax = 20_000;

    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private Dictionary<(string Topic, string Key), (Meta? Fields, TimeSpan Until)> _young = [];
    private Dictionary<(string Topic, string Key), (Meta? Fields, TimeSpan Until)> _old = [];

    /// <param name="fields">Null if there are none for this key.</param>
    /// <returns>False if it is not known, or no more.</returns>
    public bool TryGet(string topic, string key, out Meta? fields)
    {
        lock (_gate)
        {
            var isKnown = (_young.TryGetValue((topic, key), out var entry) || _old.TryGetValue((topic, key), out entry))
                && time.GetElapsedTime(_began) < entry.Until;
            fields = isKnown ? entry.Fields : null;
            return isKnown;
        }
    }

    public void Set(string topic, string key, Meta? fields, TimeSpan lifetime)
    {
        lock (_gate)
        {
            if (_young.Count >= EntriesMax / 2 && !_young.ContainsKey((topic, key)))
            {
                (_old, _young) = (_young, []);
            }

            _young[(topic, key)] = (fields, time.GetElapsedTime(_began) + lifetime);
        }
    }
}
