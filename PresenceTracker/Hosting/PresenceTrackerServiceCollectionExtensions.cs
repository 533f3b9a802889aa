using Microsoft.Extensions.Logging;
using PresenceTracker;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Handlers;
using PresenceTracker.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds presence to an application that has never heard of Akka.NET.</summary>
public static class PresenceTrackerServiceCollectionExtensions
{
    /// <summary>
    /// Adds a presence node with an actor system of its own; inject <see cref="Tracker"/> to use it. The node starts with the host and leaves
    /// its cluster when the host begins to stop. Its actors log through the host's logging.
    /// </summary>
    /// <remarks>
    /// Starting the host throws <see cref="PresenceConfigurationException"/> or <see cref="NodeStartException"/> if the node cannot start as it
    /// is configured.
    /// </remarks>
    public static IServiceCollection AddPresenceTracker(this IServiceCollection services, Action<PresenceTrackerOptions>? configure = null)
    {
        var options = new PresenceTrackerOptions();
        configure?.Invoke(options);
        services.AddSingleton(provider => PresenceNode.Start(options, provider.GetService<ILoggerFactory>()));
        services.AddSingleton(provider => provider.GetRequiredService<PresenceNode>().Tracker);
        services.AddHostedService<PresenceTrackerService>();
        return services;
    }

    /// <summary>Adds a handler that is told on the server of every join, update and leave, from when the node starts.</summary>
    public static IServiceCollection AddPresenceHandler<THandler>(this IServiceCollection services)
        where THandler : class, IPresenceHandler
    {
        services.AddSingleton<IPresenceHandler, THandler>();
        services.AddHostedService<PresenceHandlerService>();
        return services;
    }
}
