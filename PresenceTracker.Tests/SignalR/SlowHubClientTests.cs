using Microsoft.AspNetCore.Builder;
using PresenceTracker.Owners;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

public sealed class SlowHubClientTests
{
    private const string Room = "room:1";

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_nobody_and_is_led_to_the_present_state()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var app = await HubApp.StartAsync("presence.subscriber-queue = 8");
        await using var swift = await HubClient.ConnectAsync(app);
        await swift.JoinedAsync(Room, "swift");
        using var slow = await RawHubSocket.ConnectAsync(app.Hub, patience.Token);
        await slow.InvokeAsync("Join", [Room, "slow", null], patience.Token);
        Assert.Equal(["slow"], (await swift.NextDiffAsync()).Joins);

        // More than fits into every buffer on the way: the swift client takes each change before the next is made.
        var owner = Owner.Lease(TimeSpan.FromHours(1));
        var filler = new string('x', 3_000);
        var updates = 0;
        for (var bytes = 0L; bytes < 24_000_000; updates++)
        {
            await app.Tracker.TrackOrUpdateAsync(Room, "bob", owner, new { updates, filler });
            bytes += (await swift.NextDiffAsync()).Data.GetRawText().Length;
        }

        var fold = new HubFold();
        await app.Tracker.TrackAsync(Room, "last", owner);
        while (!fold.Lists("last"))
        {
            fold.Apply(await slow.ReadAsync(patience.Token));
        }

        Assert.InRange(fold.Diffs, 1, updates - 1);
        fold.AssertEqualTo(app.Tracker.List(Room));
        Assert.Equal(["last"], (await swift.NextDiffAsync()).Joins);
    }

    /// <summary>SignalR's own rule, which holds for presences too: 10 s by default.</summary>
    [Fact]
    public async Task A_client_that_takes_nothing_for_the_send_timeout_is_dropped_and_leaves()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var app = await HubApp.StartAsync(
            "presence.leave-grace = 0 s",
            map: app => app.MapHub<PresenceHub>("/impatient", options => options.TransportSendTimeout = TimeSpan.FromSeconds(1)));
        await using var swift = await HubClient.ConnectAsync(app);
        await swift.JoinedAsync(Room, "swift");
        using var slow = await RawHubSocket.ConnectAsync(new Uri(app.Url, "/impatient"), patience.Token);
        await slow.InvokeAsync("Join", [Room, "slow", null], patience.Token);
        Assert.Equal(["slow"], (await swift.NextDiffAsync()).Joins);

        // More than fits into every buffer on the way.
        var owner = Owner.Lease(TimeSpan.FromHours(1));
        var filler = new string('x', 3_000);
        var hasLeft = false;
        for (var updates = 0; !hasLeft; updates++)
        {
            await app.Tracker.TrackOrUpdateAsync(Room, "bob", owner, new { updates, filler });
            hasLeft = (await swift.NextDiffAsync()).Leaves.Contains("slow");
            Assert.False(patience.IsCancellationRequested, $"the client is still there after {updates} updates");
        }

        Assert.DoesNotContain("slow", app.Tracker.List(Room).Keys);
    }

    [Fact]
    public async Task A_client_that_does_not_read_and_breaks_off_leaves()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var app = await HubApp.StartAsync("presence.leave-grace = 0 s, presence.subscriber-queue = 8");
        using var slow = await RawHubSocket.ConnectAsync(app.Hub, patience.Token);
        await slow.InvokeAsync("Join", [Room, "slow", null], patience.Token);
        await Expect.UntilAsync(() => app.Tracker.List(Room).Contains("slow"), "the client is listed");
        var owner = Owner.Lease(TimeSpan.FromHours(1));
        var filler = new string('x', 3_000);
        for (var n = 0; n < 4_000; n++)
        {
            await app.Tracker.TrackOrUpdateAsync(Room, "bob", owner, new { n, filler });
        }

        slow.Dispose();

        await Expect.UntilAsync(() => !app.Tracker.List(Room).Contains("slow"), "the client is listed no more");
    }
}
