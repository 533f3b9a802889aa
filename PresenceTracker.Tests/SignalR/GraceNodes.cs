using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Two nodes for several tests: of the first a connection that broke is held for as long as a test lasts, of the second not for long.</summary>
public sealed class GraceNodes : IAsyncLifetime
{
    internal static readonly TimeSpan ShortGrace = TimeSpan.FromMilliseconds(300);

    // One shard, so that what is asked of it is done in order.
    private const string Shards = "presence.shards = 1";

    private int _topics;

    internal HubApp Long { get; private set; } = null!;

    internal HubApp Short { get; private set; } = null!;

    /// <summary>Of the first node.</summary>
    internal OpenWebSockets Connections { get; } = new();

    public async Task InitializeAsync()
    {
        Long = await HubApp.StartAsync(
            $"{Shards}, presence.leave-grace = 1 h", add: services => services.AddSingleton<IStartupFilter>(Connections));
        Short = await HubApp.StartAsync($"{Shards}, presence.leave-grace = {ShortGrace.TotalMilliseconds} ms", Long);
    }

    public async Task DisposeAsync()
    {
        await Short.DisposeAsync();
        await Long.DisposeAsync();
    }

    /// <summary>The first node knows which of its connections have broken: it has so many left, and has dealt with the others.</summary>
    internal async Task KnowsWhatBrokeAsync(int connectionsLeft)
    {
        await Connections.UntilAsync(connectionsLeft);

        // What an owner has is ended by whoever is told of broken connections, and after these.
        var owner = Owner.Connection("last");
        await Long.Tracker.TrackAsync(NewTopic(), "last", owner);
        await Long.Tracker.UntrackAsync(owner).InTime();
    }

    public string NewTopic() => $"room:{Interlocked.Increment(ref _topics)}";
}
