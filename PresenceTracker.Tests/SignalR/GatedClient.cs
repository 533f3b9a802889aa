using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Feeds;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A connection that takes nothing before its gate is open, and tells when it is aborted.</summary>
internal sealed class GatedClient(Task gate) : IPresenceClient
{
    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource _sending = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PresenceCaller Caller { get; } = new(Guid.NewGuid().ToString("N"), UserId: null, User: null);

    public CancellationToken Aborted => _aborted.Token;

    public bool IsAborted => _aborted.IsCancellationRequested;

    /// <summary>Completes when something is being sent to it.</summary>
    public Task Sending => _sending.Task;

    public async ValueTask SendAsync(FeedMessage message)
    {
        _sending.TrySetResult();
        await gate;
    }

    public void Abort() => _aborted.Cancel();
}
