namespace PresenceTracker.Tests.Host.Faults;

/// <summary>Faults without end, drawn from a seed: each kind comes once before any comes twice.</summary>
internal sealed class FaultSchedule(Random random, int hosts, TimeSpan longest, TimeSpan longestGap)
{
    private static readonly HostFaultKind[] Kinds = Enum.GetValues<HostFaultKind>();
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);

    private readonly Queue<HostFaultKind> _kinds = [];

    public HostFault Next()
    {
        if (_kinds.Count == 0)
        {
            var shuffled = Kinds.ToArray();
            random.Shuffle(shuffled);
            Array.ForEach(shuffled, _kinds.Enqueue);
        }

        var order = Enumerable.Range(0, hosts).ToArray();
        random.Shuffle(order);
        var kind = _kinds.Dequeue();
        var after = random.NextDouble() * longestGap;
        var lasts = Shortest + (random.NextDouble() * (longest - Shortest));
        return new HostFault(after, kind, order, kind is HostFaultKind.KillAndRestart or HostFaultKind.TerminateAndRestart ? TimeSpan.Zero : lasts);
    }
}
