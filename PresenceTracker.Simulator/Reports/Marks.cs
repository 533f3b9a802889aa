using PresenceTracker.Simulator.Faults;

namespace PresenceTracker.Simulator.Reports;

/// <summary>How often what happened: that a run has faults switched on says little, that they were hit says what it tested.</summary>
internal sealed class Marks
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Add(FaultKind kind) => Add(kind.ToString());

    public void Add(string what) => _counts[what] = _counts.GetValueOrDefault(what) + 1;

    public void Add(Marks others)
    {
        foreach (var (what, count) in others._counts)
        {
            _counts[what] = _counts.GetValueOrDefault(what) + count;
        }
    }

    public long Of(FaultKind kind) => _counts.GetValueOrDefault(kind.ToString());
}
