using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds what the HTTP endpoints of presence need.</summary>
public static class PresenceApiServiceCollectionExtensions
{
    /// <summary>Needs <c>AddPresenceTracker</c> too; <see cref="PresenceApiEndpoints.MapPresenceApi"/> maps the endpoints.</summary>
    /// <remarks>Starting the host throws <see cref="Options.OptionsValidationException"/> if an option cannot be used.</remarks>
    public static IServiceCollection AddPresenceApi(this IServiceCollection services, Action<PresenceApiOptions>? configure = null)
    {
        services.AddProblemDetails();
        services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, PathNamesStartupFilter>());
        services.TryAddSingleton<EventStreamSlots>();
        services.TryAddSingleton<EnricherCalls>();
        services.TryAddSingleton<EventFrames>();
        services.AddOptions<PresenceApiOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(
                options => options.ApiKey is null || !string.IsNullOrWhiteSpace(options.ApiKey),
                $"{nameof(PresenceApiOptions.ApiKey)} must be null, which lets everybody write, or a key")
            .Validate(options => options.EventStreamsMax >= 1, $"{nameof(PresenceApiOptions.EventStreamsMax)} must be at least 1")
            .ValidateOnStart();
        return services;
    }
}
