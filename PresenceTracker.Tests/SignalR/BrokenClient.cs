using Microsoft.AspNetCore.SignalR;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A client to which nothing about some topics can be sent.</summary>
internal sealed class BrokenClient(params string[] topics) : IClientProxy
{
    public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default) =>
        topics.Contains((string)args[0]!) ? throw new InvalidOperationException($"{args[0]} cannot be sent") : Task.CompletedTask;
}
