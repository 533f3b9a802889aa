using Microsoft.Extensions.Time.Testing;

namespace PresenceTracker.Tests.Sockets;

/// <summary>A clock that stands still, and tells of each time-out before it is set.</summary>
internal sealed class WatchedTimeProvider : FakeTimeProvider
{
    public Action<TimeSpan>? Setting { get; set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Watched(this, base.CreateTimer(callback, state, dueTime, period));

    private sealed class Watched(WatchedTimeProvider time, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Setting?.Invoke(dueTime);
            return timer.Change(dueTime, period);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
