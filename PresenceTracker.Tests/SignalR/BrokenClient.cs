using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Feeds;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A connection to which nothing about some topics can be sent, and which tells when it is aborted.</summary>
/// <param name="topics">Null among them is for keys in all topics.</param>
internal sealed class BrokenClient(params string?[] topics) : IPresenceClient
{
    private readonly CancellationTokenSource _aborted = new();

    public PresenceCaller Caller { get; } = new(Guid.NewGuid().ToString("N"), UserId: null, User: null);

    public CancellationToken Aborted => _aborted.Token;

    public bool IsAborted => _aborted.IsCancellationRequested;

    public ValueTask SendAsync(FeedMessage message) => topics.Contains(message.Topic)
        ? throw new InvalidOperationException($"{message.Topic ?? "keys"} cannot be sent")
        : ValueTask.CompletedTask;

    public void Abort() => _aborted.Cancel();
}
