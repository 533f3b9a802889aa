namespace PresenceTracker.Tests.Host.Processes;

/// <summary>How long those who listen in a room waited for joins.</summary>
/// <param name="Joins">How many there were.</param>
/// <param name="Waits">Of each listener for each join, the shortest first.</param>
internal sealed record RoomWaits(int Joins, IReadOnlyList<TimeSpan> Waits)
{
    public TimeSpan Median => Waits[Waits.Count / 2];

    public TimeSpan Percentile99 => Waits[Waits.Count * 99 / 100];
}
