using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Diagnostics;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

public sealed class FeedGaugeTests
{
    private const string Room = "room:1";

    [Fact]
    public async Task Whoever_reads_the_longest_queue_does_not_wait_for_a_connection_that_is_being_written_to()
    {
        using var mayGoOn = new ManualResetEventSlim();
        var isEncoding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var protocol = new CountingProtocol
        {
            Encoding = name =>
            {
                if (name == HubMessage.Diff)
                {
                    isEncoding.TrySetResult();
                    mayGoOn.Wait(Expect.Patience);
                }
            },
        };
        await using var app = await HubApp.StartAsync(add: services => services.AddSingleton<IHubProtocol>(protocol));
        using var probe = new MeterProbe(app.Tracker.Self.Address);
        await using var client = await HubClient.ConnectAsync(app);
        await client.CallAsync("Watch", Room);
        await client.NextAsync();
        await app.Tracker.TrackAsync(Room, "bob", Owner.Lease(TimeSpan.FromHours(1)));
        await isEncoding.Task.InTime();
        try
        {
            await Task.Run(() => probe.Read("presence.feeds.queued.max")).WaitAsync(Expect.Patience / 2);
        }
        finally
        {
            mayGoOn.Set();
        }

        Assert.Equal(["bob"], (await client.NextDiffAsync()).Joins);
    }
}
