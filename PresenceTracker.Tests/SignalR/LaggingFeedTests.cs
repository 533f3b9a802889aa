using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PresenceTracker.Owners;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.Tests.Diagnostics;
using PresenceTracker.Tests.Enrichment;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A feed that has fallen behind the topic, and so is led to the present state in one step.</summary>
public sealed class LaggingFeedTests
{
    private const string Room = "room:1";

    [Fact]
    public async Task Whoever_joins_meanwhile_is_told_only_what_the_own_state_does_not_have()
    {
        var owner = Owner.Lease(TimeSpan.FromHours(1));
        var (isHeldBack, mayGoOn) = (NewEvent(), NewEvent());
        var (isAdmitting, mayAdmit) = (NewEvent(), NewEvent());
        var enricher = new ScriptedEnricher();
        enricher.Answer = async (keys, _) =>
        {
            var (isAsked, mayAnswer) = keys.Contains("ghost") ? (isAdmitting, mayAdmit) : (isHeldBack, mayGoOn);
            isAsked.TrySetResult();
            await mayAnswer.Task;
            return ScriptedEnricher.Names(keys);
        };
        await using var app = await HubApp.StartAsync("presence.subscriber-queue = 1", add: services =>
        {
            services.AddSingleton<IPresenceEnricher>(enricher);

            // On which the enricher is never late.
            services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        });
        using var probe = new MeterProbe(app.Tracker.Self.Address);
        await using var late = await HubClient.ConnectAsync(app);
        await using var early = await HubClient.ConnectAsync(app);
        await early.JoinAsync(Room, "early");
        await isHeldBack.Task.InTime();

        // One change is read while the enricher is asked, one waits, and for the third there is no room.
        await using var told = await app.Tracker.SubscribeAsync(Room);
        await TrackAsync("first");
        await Expect.UntilAsync(() => probe.Read("presence.subscriptions.queued") == 0, "the first change is read");
        await TrackAsync("second");
        await TrackAsync("ghost");
        await Expect.UntilAsync(() => probe.Read("presence.subscriptions.lagged") == 1, "the feed lags");
        await late.JoinAsync(Room, "late");
        mayGoOn.SetResult();
        await isAdmitting.Task.InTime();
        await app.Tracker.UntrackAsync(Room, "ghost", owner);
        await app.Tracker.TrackAsync(Room, "last", owner);
        mayAdmit.SetResult();

        var fold = new HubFold();
        var left = new List<HubMessage>();
        while (!fold.Lists("last"))
        {
            var message = await late.NextAsync();
            fold.Apply(message);
            left.AddRange(message.Name == HubMessage.Diff && message.Leaves.Any() ? [message] : []);
        }

        fold.AssertEqualTo(app.Tracker.List(Room));
        var ghost = Assert.Single(left).Data.GetProperty("leaves").GetProperty("ghost");
        Assert.Equal("GHOST", ghost.GetProperty("name").GetString());

        // Completes when the feed has been offered the change, because it subscribed first.
        async Task TrackAsync(string key)
        {
            await app.Tracker.TrackAsync(Room, key, owner);
            await told.NextAsync();
        }
    }

    private static TaskCompletionSource NewEvent() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
