using Microsoft.AspNetCore.Routing;
using PresenceTracker.SignalR.Hubs;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the presence hub.</summary>
public static class PresenceHubEndpointRouteBuilderExtensions
{
    /// <summary>Serves <see cref="PresenceHub"/>. A hub derived from it is mapped by <c>MapHub</c> instead.</summary>
    public static HubEndpointConventionBuilder MapPresenceHub(this IEndpointRouteBuilder endpoints, string pattern = "/hubs/presence") =>
        endpoints.MapHub<PresenceHub>(pattern);
}
