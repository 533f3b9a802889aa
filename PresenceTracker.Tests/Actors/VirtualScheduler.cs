using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit;

namespace PresenceTracker.Tests.Actors;

/// <summary>
/// Akka's test scheduler moves its timers and the wall clock, but leaves the monotonic clock running, by which everything here goes. This one
/// moves all of them together.
/// </summary>
public sealed class VirtualScheduler(Config config, ILoggingAdapter log) : TestScheduler(config, log), IScheduler
{
    private DateTimeOffset? _start;

    TimeSpan ITimeProvider.MonotonicClock => Elapsed;

    TimeSpan ITimeProvider.HighResMonotonicClock => Elapsed;

    private TimeSpan Elapsed => Now - (_start ??= Now);
}
