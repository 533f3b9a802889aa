using Akka.Event;

namespace PresenceTracker.Hosting;

/// <summary>
/// Takes the place of the console where Akka writes once its loggers have stopped, whatever level its settings name: past the host's logging
/// and its filters nothing is written.
/// </summary>
internal sealed class SilentLogger : MinimalLogger
{
    protected override void Log(object message)
    {
    }
}
