using PresenceTracker.SignalR.Access;

namespace PresenceTracker.Tests.Sockets;

/// <summary>Fails whenever somebody joins.</summary>
internal sealed class ThrowingAuthorizer : IPresenceAuthorizer
{
    public ValueTask<PresenceAccess> MayJoinAsync(PresenceCaller caller, string topic, string key, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("no answer today");

    public ValueTask<PresenceAccess> MayListAsync(PresenceCaller caller, string topic, CancellationToken cancellationToken) =>
        new(PresenceAccess.Allowed);

    public ValueTask<PresenceAccess> MayWatchAsync(
        PresenceCaller caller, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => new(PresenceAccess.Allowed);
}
