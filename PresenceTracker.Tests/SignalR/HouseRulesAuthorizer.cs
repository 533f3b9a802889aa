using PresenceTracker.SignalR.Access;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Nobody enters the cellar, and who has signed in speaks for nobody else.</summary>
internal sealed class HouseRulesAuthorizer : IPresenceAuthorizer
{
    public ValueTask<PresenceAccess> MayJoinAsync(PresenceCaller caller, string topic, string key, CancellationToken cancellationToken) =>
        caller.UserId is not null && key != caller.UserId
            ? new(PresenceAccess.Refused($"{key} is not the key of this user, which is {caller.UserId}"))
            : MayListAsync(caller, topic, cancellationToken);

    public ValueTask<PresenceAccess> MayListAsync(PresenceCaller caller, string topic, CancellationToken cancellationToken) =>
        new(topic == "cellar" ? PresenceAccess.Refused("nobody may enter the cellar") : PresenceAccess.Allowed);

    public ValueTask<PresenceAccess> MayWatchAsync(
        PresenceCaller caller, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => new(PresenceAccess.Allowed);
}
