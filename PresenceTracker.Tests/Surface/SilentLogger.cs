using Akka.Actor;
using Akka.Event;

namespace PresenceTracker.Tests.Surface;

/// <summary>Lets a test hear what is logged without the console filling up.</summary>
public sealed class SilentLogger : ReceiveActor
{
    public SilentLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(_ => { });
    }
}
