using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PresenceTracker;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Feeds;
using PresenceTracker.SignalR.Hubs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds presence to SignalR.</summary>
public static class PresenceSignalRServerBuilderExtensions
{
    /// <summary>
    /// Adds <see cref="HubPresence"/> for the hubs of the application, and what <see cref="PresenceHub"/> needs; the presences are those of the
    /// <see cref="Tracker"/> that <c>AddPresenceTracker</c> adds. A backplane may be added before or after, or not at all.
    /// </summary>
    /// <remarks>Starting the host throws <see cref="Options.OptionsValidationException"/> if an option cannot be used.</remarks>
    public static ISignalRServerBuilder AddPresence(this ISignalRServerBuilder builder, Action<PresenceHubOptions>? configure = null)
    {
        builder.Services.AddOptions<PresenceHubOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(options => options.TopicsMax >= 1, $"{nameof(PresenceHubOptions.TopicsMax)} must be at least 1")
            .Validate(options => options.KeysMax >= 1, $"{nameof(PresenceHubOptions.KeysMax)} must be at least 1")
            .Validate(
                options => options.DiffWindowPerConnection >= TimeSpan.Zero && options.DiffWindowMax >= TimeSpan.Zero,
                $"{nameof(PresenceHubOptions.DiffWindowPerConnection)} and {nameof(PresenceHubOptions.DiffWindowMax)} must not be negative")
            .Validate(options => options.CountInterval > TimeSpan.Zero, $"{nameof(PresenceHubOptions.CountInterval)} must be more than zero")
            .Validate(
                options => options.UpdateInterval >= TimeSpan.Zero, $"{nameof(PresenceHubOptions.UpdateInterval)} must not be negative")
            .Validate(
                options => options.CallsBurst >= 1 && options.CallsPerSecond > 0,
                $"{nameof(PresenceHubOptions.CallsBurst)} must be at least 1, and {nameof(PresenceHubOptions.CallsPerSecond)} more than 0")
            .Validate(
                options => options.EnricherTimeout > TimeSpan.Zero && options.EnricherCacheTime >= TimeSpan.Zero,
                $"{nameof(PresenceHubOptions.EnricherTimeout)} must be more than zero, and {nameof(PresenceHubOptions.EnricherCacheTime)} not negative")
            .ValidateOnStart();
        builder.Services.TryAddSingleton<IPresenceAuthorizer, UserIdAuthorizer>();
        builder.Services.AddHostedService<UserIdAuthorizer.Notice>();
        builder.Services.AddHostedService<ClientTimeoutNotice>();
        builder.Services.TryAddSingleton<EnricherCalls>();
        builder.Services.AddSingleton<TopicFeeds>();
        builder.Services.AddSingleton<HubConnections>();
        builder.Services.AddSingleton(services => new HubPresence(services.GetRequiredService<HubConnections>()));
        builder.Services.AddSingleton(typeof(HubConnectionHandler<>), typeof(PresenceHubConnectionHandler<>));
        return builder;
    }
}
