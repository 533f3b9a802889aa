using PresenceTracker.SignalR.Access;

namespace PresenceTracker.Tests.Sockets;

/// <summary>Says nothing to who joins the topic of this name, also not when the call is cancelled.</summary>
internal sealed class SilentAuthorizer : IPresenceAuthorizer
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Asked => _asked.Task;

    public async ValueTask<PresenceAccess> MayJoinAsync(PresenceCaller caller, string topic, string key, CancellationToken cancellationToken)
    {
        if (topic == "silent")
        {
            _asked.SetResult();
            await new TaskCompletionSource().Task;
        }

        return PresenceAccess.Allowed;
    }

    public ValueTask<PresenceAccess> MayListAsync(PresenceCaller caller, string topic, CancellationToken cancellationToken) =>
        new(PresenceAccess.Allowed);

    public ValueTask<PresenceAccess> MayWatchAsync(
        PresenceCaller caller, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) => new(PresenceAccess.Allowed);
}
