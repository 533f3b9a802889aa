using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>One Host for many tests; each takes topics of its own.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    private int _topics;

    internal HostNode Node { get; private set; } = null!;

    public string NewTopic() => $"room:{Interlocked.Increment(ref _topics)}";

    public async Task InitializeAsync() => Node = await HostNode.StartAsync();

    public async Task DisposeAsync() => await Node.DisposeAsync();
}
