using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLevel = Akka.Event.LogLevel;

namespace PresenceTracker.Hosting;

/// <summary>Hands what actors log to the host's logging, where it is filtered and written like everything else there.</summary>
internal sealed class HostLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    /// <summary>Has an actor system use this instead of the console, unless its own configuration names other loggers.</summary>
    public static readonly string Config = $"""
        akka.loggers = ["{typeof(HostLogger).FullName}, {typeof(HostLogger).Assembly.GetName().Name}"]
        akka.stdout-loglevel = OFF
        akka.stdout-logger-class = "{typeof(SilentLogger).FullName}, {typeof(SilentLogger).Assembly.GetName().Name}"
        """;

    public HostLogger()
    {
        var setup = Context.System.Settings.Setup.Get<LoggerFactorySetup>().Value;
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(log => Write(setup.Factory, log));
    }

    private static void Write(ILoggerFactory factory, LogEvent log)
    {
        try
        {
            factory.CreateLogger(CategoryOf(log)).Log(LevelOf(log), log.Cause, "{Source}: {Message}", log.LogSource, log.Message);
        }
        catch (ObjectDisposedException)
        {
            // A system that could not start still ends when its host is gone, and there is nowhere to say it.
        }
    }

    // Parts of Akka.NET name themselves by a text instead of a type: Akka.Remote by this one, and the system's address.
    private static string CategoryOf(LogEvent log) =>
        log.LogClass != typeof(DummyClassForStringSources) ? log.LogClass.FullName!
        : log.LogSource.StartsWith("remoting", StringComparison.Ordinal) ? $"{nameof(Akka)}.{nameof(Akka.Remote)}"
        : nameof(Akka);

    private static Microsoft.Extensions.Logging.LogLevel LevelOf(LogEvent log) => log.LogLevel() switch
    {
        AkkaLevel.ErrorLevel => Microsoft.Extensions.Logging.LogLevel.Error,
        AkkaLevel.WarningLevel => Microsoft.Extensions.Logging.LogLevel.Warning,
        AkkaLevel.InfoLevel => Microsoft.Extensions.Logging.LogLevel.Information,
        _ => Microsoft.Extensions.Logging.LogLevel.Debug,
    };
}
