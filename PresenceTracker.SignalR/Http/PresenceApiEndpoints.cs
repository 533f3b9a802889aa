using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PresenceTracker.SignalR.Http;

namespace Microsoft.AspNetCore.Builder;

/// <summary>The HTTP endpoints of presence.</summary>
public static class PresenceApiEndpoints
{
    /// <summary>
    /// Maps <c>/api/topics</c>, <c>/api/presences</c>, <c>/api/keys</c> and <c>/api/nodes</c>. Needs
    /// <see cref="Microsoft.Extensions.DependencyInjection.PresenceApiServiceCollectionExtensions.AddPresenceApi"/>.
    /// </summary>
    /// <remarks>
    /// At the root of the server: in a group with a prefix of its own, or in an application under a base path, names with <c>%</c> or <c>/</c>
    /// would not be read as they were written.
    /// </remarks>
    /// <returns>The group, for what shall hold for all of them, such as authorization.</returns>
    public static RouteGroupBuilder MapPresenceApi(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup("/api").AddEndpointFilter<ProblemsFilter>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapTopics();
        api.MapKeys();
        api.MapNodes();

        var writes = api.MapGroup("").AddEndpointFilter<ApiKeyFilter>().ProducesProblem(StatusCodes.Status401Unauthorized);
        writes.MapLeases();
        writes.MapBulk();
        return api;
    }
}
