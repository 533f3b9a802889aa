using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PresenceTracker.SignalR.Http;
using PresenceTracker.SignalR.Hubs;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the presence hub.</summary>
public static class PresenceHubEndpointRouteBuilderExtensions
{
    /// <summary>Serves <see cref="PresenceHub"/>. A hub derived from it is mapped by <c>MapHub</c> instead.</summary>
    public static HubEndpointConventionBuilder MapPresenceHub(this IEndpointRouteBuilder endpoints, string pattern = "/hubs/presence") =>
        endpoints.MapHub<PresenceHub>(pattern);

    /// <summary>
    /// Lets nobody negotiate or connect without the key of <see cref="PresenceApiOptions.ApiKey"/>, if there is one: as
    /// <c>Authorization: Bearer KEY</c>, or as <c>access_token</c> or <c>apikey</c> in the query, or as the <c>authToken</c> of phoenix.js, which is
    /// where clients in browsers put their token.
    /// </summary>
    /// <remarks>For hubs whose clients are backends. Users in browsers are told apart by the authentication of the application.</remarks>
    public static TBuilder RequirePresenceApiKey<TBuilder>(this TBuilder hub)
        where TBuilder : IEndpointConventionBuilder
    {
        hub.Add(endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
                context.RequestServices.GetRequiredService<IOptions<PresenceApiOptions>>().Value.ApiKey is not { } key
                || ApiKey.IsInHeader(context.Request, key) || ApiKey.IsInQuery(context.Request, key) || ApiKey.IsInSubprotocol(context.Request, key)
                    ? next(context)
                    : Problems.Unauthorized(
                        context.Response, "The hub needs the key of this node, as \"Authorization: Bearer KEY\" or as access_token in the query.")
                        .ExecuteAsync(context);
        });
        return hub;
    }
}
