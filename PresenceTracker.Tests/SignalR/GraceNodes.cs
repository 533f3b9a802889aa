using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Two nodes for several tests: of the first a connection that broke is held for as long as a test lasts, of the second not for long.</summary>
public sealed class GraceNodes : IAsyncLifetime
{
    internal static readonly TimeSpan ShortGrace = TimeSpan.FromMilliseconds(300);

    private int _topics;

    internal HubApp Long { get; private set; } = null!;

    internal HubApp Short { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Long = await HubApp.StartAsync("presence.leave-grace = 1 h");
        Short = await HubApp.StartAsync($"presence.leave-grace = {ShortGrace.TotalMilliseconds} ms", Long);
    }

    public async Task DisposeAsync()
    {
        await Short.DisposeAsync();
        await Long.DisposeAsync();
    }

    public string NewTopic() => $"room:{Interlocked.Increment(ref _topics)}";
}
