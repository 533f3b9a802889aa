using System.Security.Claims;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PresenceTracker.SignalR.Access;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>What clients of the hub may do, and how often.</summary>
public sealed class AccessTests
{
    [Fact]
    public async Task The_authorizer_of_the_application_decides_who_joins_lists_and_watches()
    {
        await using var app = await HubApp.StartAsync(add: services => services.AddSingleton<IPresenceAuthorizer, KeepOutAuthorizer>());
        await using var alice = await HubClient.ConnectAsync(app);
        await alice.JoinedAsync("lobby", "alice");

        await RefusedAsync("alice may not enter cellar", alice, "Join", "cellar", "alice", null);
        await RefusedAsync("cellar is private", alice, "List", "cellar");
        await RefusedAsync("admin is nobody's friend", alice, "SubscribeKeys", (object)new[] { "admin" });
        await RefusedAsync("admin is nobody's friend", alice, "IsOnline", (object)new[] { "bob", "admin" });

        Assert.Empty(app.Tracker.List("cellar"));
        Assert.Equal("""{"bob":false}""", (await alice.CallAsync("IsOnline", (object)new[] { "bob" })).GetRawText());
    }

    [Fact]
    public async Task By_default_a_user_has_one_key_and_everybody_else_any()
    {
        var policy = new UserIdAuthorizer(NullLogger<UserIdAuthorizer>.Instance);
        var user = new PresenceCaller("c1", "alice", new ClaimsPrincipal());

        Assert.Null((await policy.MayJoinAsync(user, "room:1", "alice", default)).Reason);
        Assert.Equal("bob is not the key of this user, which is alice", (await policy.MayJoinAsync(user, "room:1", "bob", default)).Reason);
        Assert.Null((await policy.MayJoinAsync(user with { UserId = null }, "room:1", "bob", default)).Reason);
    }

    [Fact]
    public async Task An_authenticated_user_joins_without_naming_a_key()
    {
        await using var app = await HubApp.StartAsync(add: services => services.AddSingleton<IUserIdProvider, QueryUserId>());
        await using var alice = await HubClient.ConnectAsync(new Uri(app.Hub, "?user=alice"));

        await alice.CallAsync("Join", "room:1", null, null);
        Assert.Equal(["alice"], (await alice.NextAsync()).Keys);
        await RefusedAsync("bob is not the key of this user", alice, "Join", "room:2", "bob", null);
    }

    [Fact]
    public async Task Joins_and_lists_that_come_too_fast_are_refused_but_no_leave_and_the_connection_goes_on()
    {
        await using var app = await HubApp.StartAsync(configure: options => (options.CallsBurst, options.CallsPerSecond) = (5, 0.001));
        await using var alice = await HubClient.ConnectAsync(app);
        await using var bob = await HubClient.ConnectAsync(app);
        await alice.JoinedAsync("room:1", "alice", new { n = 0 });
        await alice.CallAsync("Leave", "room:1");
        await alice.CallAsync("List", "room:1");
        await alice.JoinedAsync("room:2", "alice");
        await alice.JoinedAsync("room:1", "alice");
        await alice.CallAsync("List", "room:1");

        const string TooFast = "calls of a connection: one more is not allowed, at most 5 at once and 0.001 a second is";
        await RefusedAsync(TooFast, alice, "Join", "room:3", "alice", null);
        await RefusedAsync(TooFast, alice, "List", "room:1");
        await RefusedAsync("has not joined room:3", alice, "Leave", "room:3");
        await alice.CallAsync("Leave", "room:2");
        await alice.CallAsync("Update", "room:1", new { n = 1 });

        await bob.JoinedAsync("room:1", "bob");
        Assert.Equal(["alice", "bob"], app.Tracker.List("room:1").Keys);
        Assert.Empty(app.Tracker.List("room:2"));
        Assert.Empty(app.Tracker.List("room:3"));
    }

    [Fact]
    public void A_bucket_fills_with_time_and_not_beyond_its_size()
    {
        var bucket = new TokenBucket(burst: 2, perSecond: 10);
        Assert.Equal([true, true, false], Take(3, TimeSpan.Zero));
        Assert.Equal([false], Take(1, TimeSpan.FromMilliseconds(99)));
        Assert.Equal([true, false], Take(2, TimeSpan.FromMilliseconds(101)));
        Assert.Equal([true, true, false], Take(3, TimeSpan.FromHours(1)));

        List<bool> Take(int times, TimeSpan now) => [.. Enumerable.Range(0, times).Select(_ => bucket.TryTake(now))];
    }

    private static async Task RefusedAsync(string reason, HubClient client, string method, params object?[] arguments)
    {
        var refused = await Assert.ThrowsAsync<HubException>(() => client.CallAsync(method, arguments));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Believes what stands in the query.</summary>
    private sealed class QueryUserId : IUserIdProvider
    {
        public string? GetUserId(HubConnectionContext connection) => connection.GetHttpContext()?.Request.Query["user"];
    }
}
