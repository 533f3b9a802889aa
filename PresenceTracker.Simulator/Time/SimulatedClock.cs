using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Simulator.Time;

/// <summary>The monotonic clock of one process: begins anywhere, goes a little too fast or too slow, and never back.</summary>
/// <param name="drift">By which part of a second it goes wrong each second.</param>
internal sealed class SimulatedClock(EventQueue events, TimeSpan beginning, double drift)
{
    private readonly MonotonicTime _startedAt = events.Now;

    public MonotonicTime Now => default(MonotonicTime) + beginning + ((events.Now - _startedAt) * (1 + drift));

    /// <summary>How long this clock's time takes; a timer fires at its time or later, never before.</summary>
    public TimeSpan RealTime(TimeSpan span) => (span / (1 + drift)) + TimeSpan.FromTicks(2);
}
