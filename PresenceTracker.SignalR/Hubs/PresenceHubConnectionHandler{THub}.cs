using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>
/// Serves a hub with its lifetime manager decorated. Here rather than where the manager is registered, so that it does not matter whether a
/// backplane is added before or after: whichever manager the application comes to have is the one that is decorated. A hub's handler is made when
/// the hub is mapped, and the node must not start before the host does; so what needs it is looked up by the first connection.
/// </summary>
internal sealed class PresenceHubConnectionHandler<THub>(
    HubLifetimeManager<THub> lifetimeManager,
    IServiceProvider services,
    IHubProtocolResolver protocolResolver,
    IOptions<HubOptions> globalHubOptions,
    IOptions<HubOptions<THub>> hubOptions,
    ILoggerFactory loggerFactory,
    IUserIdProvider userIdProvider,
    IServiceScopeFactory serviceScopeFactory)
    : HubConnectionHandler<THub>(
        new PresenceHubLifetimeManager<THub>(lifetimeManager, new Lazy<HubConnections>(services.GetRequiredService<HubConnections>)),
        protocolResolver, globalHubOptions, hubOptions, loggerFactory, userIdProvider, serviceScopeFactory)
    where THub : Hub;
