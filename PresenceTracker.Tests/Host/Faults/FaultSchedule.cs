namespace PresenceTracker.Tests.Host.Faults;

/// <summary>
/// Faults without end, drawn from a seed: each kind comes once before any comes twice, one or two at a time, and after each a stretch of calm that
/// is long enough to see what became of them.
/// </summary>
internal sealed class FaultSchedule(Random random, int hosts, TimeSpan longest)
{
    // Of two at a time, with what holds the leases, hardly anybody is left to be judged.
    private const double Two = 0.3;

    private static readonly HostFaultKind[] Kinds = Enum.GetValues<HostFaultKind>();
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);

    private readonly Queue<HostFaultKind> _kinds = [];

    /// <summary>What happens at one time, to Hosts of which none is struck twice.</summary>
    public IReadOnlyList<HostFault> Next()
    {
        var order = Enumerable.Range(0, hosts).ToArray();
        random.Shuffle(order);
        var free = new Queue<int>(order);
        return [.. Enumerable.Range(0, random.NextDouble() < Two ? 2 : 1).Select(_ => Draw(free))];
    }

    /// <returns>Longer than what was struck is excused, by a half of the longest fault or somewhat more.</returns>
    public TimeSpan NextCalm() => Disturbance.Settling + (longest * (0.5 + (random.NextDouble() / 2)));

    private HostFault Draw(Queue<int> free)
    {
        if (_kinds.Count == 0)
        {
            var shuffled = Kinds.ToArray();
            random.Shuffle(shuffled);
            Array.ForEach(shuffled, _kinds.Enqueue);
        }

        var kind = _kinds.Dequeue();
        var lasts = Shortest + (random.NextDouble() * (longest - Shortest));
        return new HostFault(
            kind,
            free.Dequeue(),
            kind is HostFaultKind.CutByReset or HostFaultKind.CutBySwallowing ? free.Dequeue() : null,
            kind is HostFaultKind.KillAndRestart or HostFaultKind.TerminateAndRestart ? TimeSpan.Zero : lasts);
    }
}
