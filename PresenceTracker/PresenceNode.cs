using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Microsoft.Extensions.Logging;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Hosting;

namespace PresenceTracker;

/// <summary>A node with an actor system of its own, for programs that do not use Akka.NET themselves. Dispose it to leave the cluster.</summary>
public sealed class PresenceNode : IAsyncDisposable
{
    private PresenceNode(ActorSystem system, Tracker tracker, PresenceSettings settings)
    {
        System = system;
        Tracker = tracker;
        Settings = settings;
    }

    public Tracker Tracker { get; }

    internal ActorSystem System { get; }

    internal PresenceSettings Settings { get; }

    /// <summary>Starts a node. It listens when this returns; <see cref="Tracker.Ready"/> says when it has joined and caught up.</summary>
    /// <exception cref="PresenceConfigurationException">At least one option cannot be used; names them all.</exception>
    /// <exception cref="NodeStartException">The node cannot listen, for example because its port is taken.</exception>
    public static PresenceNode Start(PresenceTrackerOptions options) => Start(options, loggers: null);

    /// <param name="loggers">Where the actors log to; null for the console.</param>
    internal static PresenceNode Start(PresenceTrackerOptions options, ILoggerFactory? loggers)
    {
        var configuration = options.Read();
        var system = Listen(options, configuration, loggers);
        try
        {
            return new PresenceNode(system, PresenceTrackerExtension.For(system).Tracker, configuration.Settings);
        }
        catch
        {
            // Or it would listen on, with nobody who could stop it.
            system.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the cluster and stops the actor system.</summary>
    public async ValueTask DisposeAsync() =>
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);

    private static ActorSystem Listen(PresenceTrackerOptions options, NodeConfiguration configuration, ILoggerFactory? loggers)
    {
        var config = configuration.Config;
        var setup = loggers is null
            ? ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config))
            : ActorSystemSetup.Create(
                BootstrapSetup.Create().WithConfig(config.WithFallback(ConfigurationFactory.ParseString(HostLogger.Config))),
                new LoggerFactorySetup(loggers));
        if (configuration.Tls is { } tls)
        {
            setup = setup.WithSetup(tls.ToSetup());
        }

        try
        {
            return ActorSystem.Create(PresenceTrackerOptions.SystemName, setup);
        }
        catch (Exception refused) when (SocketFaultOf(refused) is { } fault)
        {
            // The HOCON of the options rules over the rest of them.
            var (host, port) = (config.GetString(PresenceConfig.BindHost), config.GetInt(PresenceConfig.BindPort));
            var isFromOptions = host == options.NodeHost && port == options.NodePort;
            throw new NodeStartException(
                $"{host}:{port}",
                isFromOptions
                    ? $"{nameof(options.NodeHost)}, {nameof(options.NodePort)}"
                    : $"{PresenceConfig.BindHost}, {PresenceConfig.BindPort}",
                fault.SocketErrorCode == SocketError.AddressAlreadyInUse ? "the port is taken" : fault.Message,
                refused);
        }
    }

    private static SocketException? SocketFaultOf(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AggregateException { InnerExceptions: var inner })
            {
                return inner.Select(SocketFaultOf).FirstOrDefault(fault => fault is not null);
            }

            if (cause is SocketException fault)
            {
                return fault;
            }
        }

        return null;
    }
}
