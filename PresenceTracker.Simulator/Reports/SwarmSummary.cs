using System.Globalization;
using PresenceTracker.Simulator.Faults;

namespace PresenceTracker.Simulator.Reports;

/// <summary>What came of many runs.</summary>
internal sealed class SwarmSummary
{
    // In so many each kind comes up many times, or something is wrong with it.
    private const int RunsToHitEveryFault = 300;

    private readonly Marks _marks = new();
    private readonly List<TimeSpan> _convergence = [];
    private TimeSpan _nodeTime;
    private long _events;

    public int Runs { get; private set; }

    public int Failed { get; private set; }

    /// <summary>The kinds of faults that did nothing in any run.</summary>
    public IReadOnlyList<FaultKind> Missed => [.. Enum.GetValues<FaultKind>().Where(kind => _marks.Of(kind) == 0)];

    /// <summary>Whether every run passed and, if there were enough of them, every kind of fault was hit.</summary>
    public bool HasPassed => Failed == 0 && (Runs < RunsToHitEveryFault || Missed.Count == 0);

    public void Add(RunReport report)
    {
        Runs++;
        Failed += report.HasPassed ? 0 : 1;
        _marks.Add(report.Marks);
        _nodeTime += report.NodeTime;
        _events += report.Events;
        if (report.ConvergedAfter is { } after)
        {
            _convergence.Add(after);
        }
    }

    public void Write(TextWriter output, TimeSpan took)
    {
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            output.WriteLine(Row(_marks.Of(kind), kind.ToString()));
        }

        var faults = Enum.GetNames<FaultKind>();
        foreach (var (what, count) in _marks.Counts.Where(entry => !faults.Contains(entry.Key)))
        {
            output.WriteLine(Row(count, what));
        }

        _convergence.Sort();
        if (_convergence.Count > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"all listed the same after the last fault: median {At(0.5):f2} s, 99 % {At(0.99):f2} s, most {At(1):f2} s"));
        }

        if (Missed.Count > 0)
        {
            output.WriteLine($"never hit: {string.Join(", ", Missed)}");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Runs} seeds, {Failed} failed, {_nodeTime.TotalHours:f1} node-hours, {_events} events, {took.TotalSeconds:f1} s"));
    }

    private static string Row(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count,12} {what}");

    private double At(double share) => _convergence[(int)((_convergence.Count - 1) * share)].TotalSeconds;
}
