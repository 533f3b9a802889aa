using System.Diagnostics;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>What happened in one run, by the test's own clock: what was written, what was shown, and what was done to the Hosts.</summary>
/// <remarks>Thread-safe while it is recorded; what is recorded is read when nobody records any more.</remarks>
internal sealed class History
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private readonly List<LeaseWrite> _writes = [];
    private readonly List<WatchSession> _sessions = [];
    private readonly List<ListRead> _lists = [];
    private readonly List<Disturbance> _disturbances = [];
    private readonly List<Refusal> _refusals = [];
    private readonly List<string> _faults = [];
    private int _lastNumber;

    public TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    public IReadOnlyList<LeaseWrite> Writes => _writes;

    public IReadOnlyList<WatchSession> Sessions => _sessions;

    public IReadOnlyList<ListRead> Lists => _lists;

    public IReadOnlyList<Disturbance> Disturbances => _disturbances;

    public IReadOnlyList<Refusal> Refusals => _refusals;

    /// <summary>What was seen to be wrong at once.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>For a meta that no other is equal to.</summary>
    public int NextNumber() => Interlocked.Increment(ref _lastNumber);

    public void Add(LeaseWrite write) => Record(_writes, write);

    public void Add(WatchSession session) => Record(_sessions, session);

    public void Add(ListRead list) => Record(_lists, list);

    public void Add(Disturbance disturbance) => Record(_disturbances, disturbance);

    public void Add(Refusal refusal) => Record(_refusals, refusal);

    public void AddFault(string fault) => Record(_faults, fault);

    /// <summary>What was done to these Hosts, or to links between them.</summary>
    public IEnumerable<Disturbance> DisturbancesAmong(params IEnumerable<int> hosts)
    {
        var among = hosts.ToHashSet();
        return _disturbances.Where(disturbance => disturbance.IsAmong(among));
    }

    /// <summary>Everything that was written and shown, by key and in its order, for whoever has to find out what went wrong.</summary>
    public IEnumerable<string> Describe(TimeSpan end)
    {
        foreach (var disturbance in _disturbances)
        {
            yield return $"{disturbance}";
        }

        var lines = _writes
            .Select(write => (write.Topic, write.Key, At: write.Began, Text: $"{new Span(write.Began, write.Ended)} asked of Host {write.Through}: "
                + $"{(write.Number is { } number ? $"{number}" : "end")}{(write.IsAcknowledged ? "" : ", in doubt")}"))
            .Concat(_sessions.SelectMany(session => session.Shown.Select(shown => (session.Topic, shown.Key, At: shown.From,
                Text: $"{session.SpanOf(shown, end)} shown by Host {session.Host}: {shown}"))));
        foreach (var line in lines.OrderBy(line => line.Topic).ThenBy(line => line.Key).ThenBy(line => line.At))
        {
            yield return $"{line.Topic}/{line.Key}: {line.Text}";
        }
    }

    private void Record<T>(List<T> list, T item)
    {
        lock (_lock)
        {
            list.Add(item);
        }
    }
}
