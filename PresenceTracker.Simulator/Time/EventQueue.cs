using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Simulator.Time;

/// <summary>What will happen, by time and then by the order in which it was decided: a total order, so that a run can be repeated.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (long Due, long Order)> _events = new();
    private long _order;

    /// <summary>The time of the simulation, which no node knows: each has a clock of its own.</summary>
    public MonotonicTime Now { get; private set; } = default(MonotonicTime);

    public long HandledCount { get; private set; }

    public void After(TimeSpan span, Action action) => At(Now + span, action);

    public void At(MonotonicTime due, Action action) => _events.Enqueue(action, (Math.Max(due.Ticks, Now.Ticks), _order++));

    /// <summary>Runs all that is due until then, and what follows from it.</summary>
    public void RunUntil(MonotonicTime end)
    {
        while (_events.TryPeek(out _, out var next) && next.Due <= end.Ticks)
        {
            RunNext();
        }

        Now = end;
    }

    /// <summary>Runs what is due next.</summary>
    /// <returns>False if nothing is.</returns>
    public bool RunNext()
    {
        if (!_events.TryDequeue(out var action, out var next))
        {
            return false;
        }

        Now = new MonotonicTime(next.Due);
        HandledCount++;
        action();
        return true;
    }
}
