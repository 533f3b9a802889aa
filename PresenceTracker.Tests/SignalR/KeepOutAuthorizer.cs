using PresenceTracker.SignalR.Access;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Lets everybody into the lobby and nowhere else.</summary>
internal sealed class KeepOutAuthorizer : IPresenceAuthorizer
{
    public ValueTask<PresenceAccess> MayJoinAsync(PresenceCaller caller, string topic, string key, CancellationToken cancellationToken) =>
        new(Access(topic == "lobby" && key != "admin", $"{key} may not enter {topic}"));

    public ValueTask<PresenceAccess> MayListAsync(PresenceCaller caller, string topic, CancellationToken cancellationToken) =>
        new(Access(topic == "lobby", $"{topic} is private"));

    public ValueTask<PresenceAccess> MayWatchAsync(
        PresenceCaller caller, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        new(Access(!keys.Contains("admin"), "admin is nobody's friend"));

    private static PresenceAccess Access(bool isAllowed, string reason) =>
        isAllowed ? PresenceAccess.Allowed : PresenceAccess.Refused(reason);
}
