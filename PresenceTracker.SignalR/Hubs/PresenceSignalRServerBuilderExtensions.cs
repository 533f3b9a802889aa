using Microsoft.AspNetCore.SignalR;
using PresenceTracker;
using PresenceTracker.SignalR.Hubs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds presence to SignalR.</summary>
public static class PresenceSignalRServerBuilderExtensions
{
    /// <summary>
    /// Adds what <see cref="PresenceHub"/> and hubs derived from it need; the presences are those of the <see cref="Tracker"/> that
    /// <c>AddPresenceTracker</c> adds.
    /// </summary>
    /// <remarks>Starting the host throws <see cref="Options.OptionsValidationException"/> if an option cannot be used.</remarks>
    public static ISignalRServerBuilder AddPresence(this ISignalRServerBuilder builder, Action<PresenceHubOptions>? configure = null)
    {
        builder.Services.AddOptions<PresenceHubOptions>()
            .Configure(options => configure?.Invoke(options))
            .Validate(options => options.TopicsMax >= 1, $"{nameof(PresenceHubOptions.TopicsMax)} must be at least 1")
            .ValidateOnStart();
        return builder;
    }
}
