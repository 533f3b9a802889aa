using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PresenceTracker.SignalR.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds what the HTTP endpoints of presence need.</summary>
public static class PresenceApiServiceCollectionExtensions
{
    /// <summary>Needs <c>AddPresenceTracker</c> too; <see cref="PresenceApiEndpoints.MapPresenceApi"/> maps the endpoints.</summary>
    public static IServiceCollection AddPresenceApi(this IServiceCollection services, Action<PresenceApiOptions>? configure = null)
    {
        services.AddProblemDetails();
        services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, PathNamesStartupFilter>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }
}
