using PresenceTracker.SignalR.Access;

namespace PresenceTracker.Tests.Sockets;

/// <summary>Lets nobody be present but Ann, and everybody watch.</summary>
internal sealed class OnlyAnnAuthorizer : IPresenceAuthorizer
{
    public ValueTask<PresenceAccess> MayJoinAsync(PresenceCaller caller, string topic, string key, CancellationToken cancellationToken) =>
        new(key == "ann" ? PresenceAccess.Allowed : PresenceAccess.Refused($"{key} is not ann"));

    public ValueTask<PresenceAccess> MayListAsync(PresenceCaller caller, string topic, CancellationToken cancellationToken) =>
        new(PresenceAccess.Allowed);

    public ValueTask<PresenceAccess> MayWatchAsync(
        PresenceCaller caller, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => new(PresenceAccess.Allowed);
}
