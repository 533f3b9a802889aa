namespace PresenceTracker.Protocol.Identity;

/// <summary>
/// One life of the process at an address. Ordered by <paramref name="Counter"/> first, so that a restart supersedes the life before it.
/// </summary>
/// <param name="Counter">
/// The start counter: Unix seconds at start-up, raised by the handshake above any counter that peers know for the address,
/// so that the order holds even if the clock went backwards between two starts.
/// </param>
/// <param name="ProcessId">64 random bits drawn once per process; tells two processes with equal counters apart.</param>
public readonly record struct Incarnation(ulong Counter, ulong ProcessId) : IComparable<Incarnation>
{
    public int CompareTo(Incarnation other)
    {
        var byCounter = Counter.CompareTo(other.Counter);
        return byCounter != 0 ? byCounter : ProcessId.CompareTo(other.ProcessId);
    }

    public static bool operator <(Incarnation left, Incarnation right) => left.CompareTo(right) < 0;

    public static bool operator >(Incarnation left, Incarnation right) => left.CompareTo(right) > 0;

    public static bool operator <=(Incarnation left, Incarnation right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Incarnation left, Incarnation right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Counter}.{ProcessId:x16}";
}
