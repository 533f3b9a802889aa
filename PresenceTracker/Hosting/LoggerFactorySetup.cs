using Akka.Actor.Setup;
using Microsoft.Extensions.Logging;

namespace PresenceTracker.Hosting;

/// <summary>Where <see cref="HostLogger"/> finds the logging of the host that the actor system belongs to.</summary>
internal sealed class LoggerFactorySetup(ILoggerFactory factory) : Setup
{
    public ILoggerFactory Factory { get; } = factory;
}
