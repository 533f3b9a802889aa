using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Diagnostics;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Host;

public sealed class UnreadEventStreamTests
{
    private const string Room = "room:1";
    private const int QueueDiffsMax = 8;
    private const int ChangesMax = 20_000;
    private const int LooksAtFull = 10;
    private static readonly TimeSpan DroppedAfter = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_stream_that_takes_nothing_for_30_s_is_dropped()
    {
        var time = new FakeTimeProvider();
        await using var app = await HubApp.StartAsync(
            $"presence.subscriber-queue = {QueueDiffsMax}", add: services => services.AddSingleton<TimeProvider>(time));
        using var unread = await UnreadEventStream.OpenAsync(app.Url, Room);
        await FillAsync(app);

        // The clock stands still until the stream has been seen to wait for its reader.
        time.Advance(DroppedAfter - TimeSpan.FromSeconds(1));
        Assert.Equal(1, Open(app));
        time.Advance(TimeSpan.FromSeconds(1));

        await Expect.UntilAsync(() => Open(app) == 0, "the stream is dropped", () => $"{Open(app)} open streams");
    }

    /// <summary>Fills the buffers between the node and the reader, and then the queue.</summary>
    private static async Task FillAsync(HubApp app)
    {
        using var probe = new MeterProbe(app.Tracker.Self.Address);
        var owner = Owner.Lease(TimeSpan.FromHours(1));
        var filler = new string('x', 3_000);
        var changes = 0;
        async Task ChangeAsync(int count)
        {
            for (var end = changes + count; changes < end; changes++)
            {
                await app.Tracker.TrackOrUpdateAsync(Room, "bob", owner, new { changes, filler }).InTime();
            }
        }

        // A stream that is only late, and not stuck, has room in its queue again by one of the next looks.
        for (var looksAtFull = 0; looksAtFull < LooksAtFull;)
        {
            Assert.True(
                changes < ChangesMax,
                $"after {changes} changes the queue was seen full in {looksAtFull} looks in a row, not in {LooksAtFull}; it holds {Queued()} of {QueueDiffsMax}");
            await ChangeAsync(100);
            looksAtFull = Queued() == QueueDiffsMax ? looksAtFull + 1 : 0;
        }

        double Queued() => probe.Read("presence.subscriptions.queued.max");
    }

    private static double Open(HubApp app)
    {
        using var probe = new MeterProbe(app.Tracker.Self.Address);
        return probe.Read("presence.subscriptions");
    }
}
