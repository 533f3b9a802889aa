using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PresenceTracker.SignalR.Access;

/// <summary>The policy of applications that have none, and the word at their start that they have none.</summary>
internal sealed partial class UserIdAuthorizer(ILogger<UserIdAuthorizer> logger) : IPresenceAuthorizer
{
    public ValueTask<PresenceAccess> MayJoinAsync(PresenceCaller caller, string topic, string key, CancellationToken cancellationToken) =>
        new(caller.UserId is null || caller.UserId == key
            ? PresenceAccess.Allowed
            : PresenceAccess.Refused($"{key} is not the key of this user, which is {caller.UserId}"));

    public ValueTask<PresenceAccess> MayListAsync(PresenceCaller caller, string topic, CancellationToken cancellationToken) =>
        new(PresenceAccess.Allowed);

    public ValueTask<PresenceAccess> MayWatchAsync(
        PresenceCaller caller, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => new(PresenceAccess.Allowed);

    [LoggerMessage(
        LogLevel.Warning,
        "There is no IPresenceAuthorizer: clients that are not authenticated take any presence key, and all may list and watch everything")]
    private partial void NoPolicy();

    /// <summary>Says at the start that nobody has decided.</summary>
    internal sealed class Notice(IPresenceAuthorizer authorizer) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            (authorizer as UserIdAuthorizer)?.NoPolicy();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
