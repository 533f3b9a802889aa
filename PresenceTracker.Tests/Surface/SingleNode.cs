using Xunit;

namespace PresenceTracker.Tests.Surface;

/// <summary>One node for many tests; each takes topics of its own.</summary>
public sealed class SingleNode : IAsyncLifetime
{
    private PresenceNode? _node;
    private int _topics;

    public Tracker Tracker => _node!.Tracker;

    public string NewTopic() => $"room:{Interlocked.Increment(ref _topics)}";

    public async Task InitializeAsync()
    {
        _node = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = "akka.loglevel = OFF, presence.subscriber-queue = 4" });
        await Tracker.Ready.InTime();
    }

    public async Task DisposeAsync() => await _node!.DisposeAsync();
}
