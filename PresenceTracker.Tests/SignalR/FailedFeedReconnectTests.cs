using System.Text.Json;
using Akka.Actor;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Actors;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Tests.Actors;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

public sealed class FailedFeedReconnectTests
{
    [Fact]
    public async Task A_client_that_reconnects_by_itself_comes_back_when_its_feed_has_failed()
    {
        const int Shards = 2;
        await using var app = await HubApp.StartAsync($"presence.shards = {Shards}");
        var topics = Enumerable.Range(0, 100).Select(i => $"room:{i}").ToLookup(topic => StableHash.ShardOf(topic, Shards));
        await using var connection = new HubConnectionBuilder().WithUrl(app.Hub).WithAutomaticReconnect().Build();
        var told = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Reconnected += _ =>
        {
            told.TrySetResult("reconnected");
            return Task.CompletedTask;
        };
        connection.Closed += _ =>
        {
            told.TrySetResult("closed for good");
            return Task.CompletedTask;
        };
        await connection.StartAsync().InTime();
        await connection.InvokeAsync<JsonElement>("Join", topics[0].First(), "ann", null).InTime();
        var shard = await app.Services.GetRequiredService<PresenceNode>().System
            .ActorSelection($"/user/{PresenceSupervisor.Name}/shard-0").ResolveOne(Expect.Patience);
        for (var crash = 0; crash < 3; crash++)
        {
            shard.Tell(Crash.Delivery);
        }

        Assert.Equal("reconnected", await told.Task.InTime());

        await connection.InvokeAsync<JsonElement>("Join", topics[1].First(), "ann", null).InTime();
        Assert.Equal(["ann"], app.Tracker.List(topics[1].First()).Keys);
    }
}
