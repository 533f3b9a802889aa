namespace PresenceTracker.Protocol.Time;

/// <summary>
/// An instant on a clock that never goes back and knows no date. Only this decides liveness: a step of the wall clock changes nothing.
/// The shell reads the clock; the core gets the instant as an argument.
/// </summary>
/// <param name="Ticks">Ticks of 100 ns since an arbitrary start.</param>
public readonly record struct MonotonicTime(long Ticks) : IComparable<MonotonicTime>
{
    public static MonotonicTime operator +(MonotonicTime time, TimeSpan span) => new(time.Ticks + span.Ticks);

    public static TimeSpan operator -(MonotonicTime later, MonotonicTime earlier) => new(later.Ticks - earlier.Ticks);

    public static bool operator <(MonotonicTime left, MonotonicTime right) => left.Ticks < right.Ticks;

    public static bool operator >(MonotonicTime left, MonotonicTime right) => left.Ticks > right.Ticks;

    public static bool operator <=(MonotonicTime left, MonotonicTime right) => left.Ticks <= right.Ticks;

    public static bool operator >=(MonotonicTime left, MonotonicTime right) => left.Ticks >= right.Ticks;

    public int CompareTo(MonotonicTime other) => Ticks.CompareTo(other.Ticks);

    public override string ToString() => TimeSpan.FromTicks(Ticks).ToString("c");
}
