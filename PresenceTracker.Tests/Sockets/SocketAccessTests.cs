using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PresenceTracker.SignalR.Access;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Sockets;

/// <summary>What clients of the socket may do, and how often: as those of the hub. Whoever is refused keeps the connection.</summary>
public sealed class SocketAccessTests
{
    [Fact]
    public async Task The_authorizer_of_the_application_decides_who_joins_and_who_watches()
    {
        await using var app = await HubApp.StartAsync(add: services => services.AddSingleton<IPresenceAuthorizer, KeepOutAuthorizer>());
        using var client = await SocketClient.ConnectAsync(app.Url);

        await RefusedAsync(client, "cellar", "phx_join", """{"key":"ann"}""", "ann may not enter cellar");
        await RefusedAsync(client, "cellar", "phx_join", "{}", "cellar is private");
        await RefusedAsync(client, "lobby", "phx_join", """{"key":"admin"}""", "admin may not enter lobby");
        await RefusedAsync(client, "realtime:cellar", "phx_join", "{}", "realtime:cellar is private");
        await client.AskAsync(
            """["1","1","lobby","phx_join",{"key":"ann"}]""",
            """["1","1","lobby","phx_reply",{"status":"ok","response":{}}]""",
            """["1",null,"lobby","presence_state",{"ann":{"metas":[{"phx_ref":"*"}]}}]""");

        Assert.Empty(app.Tracker.List("cellar"));
        Assert.Empty(app.Tracker.List("realtime:cellar"));
    }

    [Fact]
    public async Task Clients_of_Supabase_are_judged_when_they_track()
    {
        await using var app = await HubApp.StartAsync(add: services => services.AddSingleton<IPresenceAuthorizer, OnlyAnnAuthorizer>());
        using var ann = await SocketClient.ConnectAsync(app.Url);
        using var bob = await SocketClient.ConnectAsync(app.Url);
        await JoinRealtimeAsync(bob, """{"config":{"presence":{"key":"bob"}}}""");
        await JoinRealtimeAsync(ann, """{"config":{"presence":{"key":"ann"}}}""");

        const string Track = """{"type":"presence","event":"track","payload":{"n":1}}""";
        await RefusedAsync(bob, "realtime:r", "presence", Track, "bob is not ann");
        await ann.AskInAnyOrderAsync(
            Frame("realtime:r", "presence", Track),
            """["1","1","realtime:r","phx_reply",{"status":"ok","response":{}}]""",
            """[null,null,"realtime:r","presence_diff",{"joins":{"ann":{"metas":[{"n":1,"phx_ref":"*"}]}},"leaves":{}}]""");
        await bob.ExpectAsync("""[null,null,"realtime:r","presence_diff",{"joins":{"ann":{"metas":[{"n":1,"phx_ref":"*"}]}},"leaves":{}}]""");
        Assert.Equal(["ann"], app.Tracker.List("realtime:r").Keys);
    }

    [Fact]
    public async Task By_default_a_user_who_has_signed_in_speaks_for_one_key()
    {
        await using var app = await HubApp.StartAsync(map: SignInByQuery);
        using var client = await SocketClient.ConnectAsync(app.Url, "?vsn=2.0.0&user=alice");

        await RefusedAsync(client, "room:1", "phx_join", """{"key":"bob"}""", "bob is not the key of this user, which is alice");
        await JoinRealtimeAsync(client, """{"config":{"presence":{"key":"bob"}}}""");
        await RefusedAsync(
            client, "realtime:r", "presence", """{"type":"presence","event":"track","payload":{}}""",
            "bob is not the key of this user, which is alice");
        await client.AskAsync(
            """["1","1","room:1","phx_join",{"key":"alice"}]""",
            """["1","1","room:1","phx_reply",{"status":"ok","response":{}}]""",
            """["1",null,"room:1","presence_state",{"alice":{"metas":[{"phx_ref":"*"}]}}]""");
        Assert.Empty(app.Tracker.List("realtime:r"));
    }

    [Fact]
    public async Task A_user_who_names_no_key_to_Supabase_is_present_under_the_own_id()
    {
        await using var app = await HubApp.StartAsync(map: SignInByQuery);
        using var client = await SocketClient.ConnectAsync(app.Url, "?vsn=2.0.0&user=alice");

        await JoinRealtimeAsync(client, """{"config":{"presence":{"key":""}}}""");
        await client.SendAsync(Frame("realtime:r", "presence", """{"type":"presence","event":"track","payload":{}}"""));

        await client.ReadRepliesAsync(1);
        Assert.Equal(["alice"], app.Tracker.List("realtime:r").Keys);
    }

    [Fact]
    public async Task An_authorizer_that_throws_refuses_the_join_and_is_told_in_the_log()
    {
        using var log = new RecordingLoggerProvider("PresenceTracker.SignalR.Socket");
        await using var app = await HubApp.StartAsync(add: services =>
        {
            services.AddLogging(logging => logging.AddProvider(log));
            services.AddSingleton<IPresenceAuthorizer, ThrowingAuthorizer>();
        });
        using var client = await SocketClient.ConnectAsync(app.Url);

        await RefusedAsync(client, "room:1", "phx_join", """{"key":"ann"}""", "join crashed");

        Assert.Equal((LogLevel.Error, "A client of the socket was refused phx_join, because the node failed"), await log.NextAsync());
        await HeartbeatAsync(client);
        Assert.Empty(app.Tracker.List("room:1"));
    }

    [Fact]
    public async Task A_client_that_breaks_off_is_gone_although_an_authorizer_never_answers()
    {
        var authorizer = new SilentAuthorizer();
        await using var app = await HubApp.StartAsync(
            "presence.leave-grace = 0 s", add: services => services.AddSingleton<IPresenceAuthorizer>(authorizer));
        using (var client = await SocketClient.ConnectAsync(app.Url))
        {
            await client.AskAsync(
                """["1","1","room:1","phx_join",{"key":"ann"}]""",
                """["1","1","room:1","phx_reply",{"status":"ok","response":{}}]""",
                """["1",null,"room:1","presence_state",{"ann":{"metas":[{"phx_ref":"*"}]}}]""");
            await client.SendAsync("""["1","1","silent","phx_join",{"key":"ann"}]""");
            await authorizer.Asked.InTime();
        }

        await Expect.UntilAsync(() => !app.Tracker.List("room:1").Contains("ann"), "the client is listed no more");
    }

    [Fact]
    public async Task Joins_at_ten_times_the_rate_are_refused_and_nobody_else_notices()
    {
        const int Burst = 5;
        await using var app = await HubApp.StartAsync(configure: options => (options.CallsBurst, options.CallsPerSecond) = (Burst, 0.001));
        using var greedy = await SocketClient.ConnectAsync(app.Url);
        using var other = await SocketClient.ConnectAsync(app.Url);
        for (var n = 1; n <= 10 * Burst; n++)
        {
            await greedy.SendAsync($$$"""["{{{n}}}","{{{n}}}","room:1","phx_join",{"key":"greedy","meta":{"n":{{{n}}}}}]""");
        }

        var replies = await greedy.ReadRepliesAsync(10 * Burst);

        const string TooFast = "calls of a connection: one more is not allowed, at most 5 at once and 0.001 a second is";
        Assert.All(replies.Take(Burst), reply => Assert.Contains("\"status\":\"ok\"", reply, StringComparison.Ordinal));
        Assert.All(replies.Skip(Burst), reply => Assert.Contains(TooFast, reply, StringComparison.Ordinal));
        Assert.Equal("""{"n":5}""", Assert.Single(app.Tracker.List("room:1")).Meta.ToString());
        await other.AskAsync(
            """["1","1","room:1","phx_join",{}]""",
            """["1","1","room:1","phx_reply",{"status":"ok","response":{}}]""",
            """["1",null,"room:1","presence_state",{"greedy":{"metas":[{"n":5,"phx_ref":"*"}]}}]""");

        // Updates and leaves are not refused: what has joined can always go.
        await greedy.SendAsync("""["5","u","room:1","presence_update",{"meta":{"n":6}}]""");
        await greedy.SendAsync("""["5","l","room:1","presence_leave",{}]""");
        await greedy.SendAsync("""["5","l","room:1","phx_leave",{}]""");
        Assert.All(
            await greedy.ReadRepliesAsync(3), reply => Assert.Contains("\"status\":\"ok\"", reply, StringComparison.Ordinal));
        Assert.Empty(app.Tracker.List("room:1"));
        await greedy.SendAsync("""["9","9","room:1","phx_join",{}]""");
        Assert.Contains(TooFast, Assert.Single(await greedy.ReadRepliesAsync(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_that_the_application_does_not_allow_is_refused()
    {
        await using var app = await HubApp.StartAsync(
            add: services => services.Configure<WebSocketOptions>(options => options.AllowedOrigins.Add("https://chat.example")));
        Assert.Null(await RefusalAsync("https://chat.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await RefusalAsync("https://other.example"));

        async Task<HttpStatusCode?> RefusalAsync(string origin)
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Origin", origin);
            socket.Options.CollectHttpResponseDetails = true;
            var refused = await Record.ExceptionAsync(() => socket.ConnectAsync(SocketClient.UrlOf(app.Url, "?vsn=2.0.0"), default).InTime());
            return refused is null ? null : socket.HttpStatusCode;
        }
    }

    [Fact]
    public async Task A_key_that_is_a_prototype_is_refused_to_Supabase_too()
    {
        await using var app = await HubApp.StartAsync();
        using var client = await SocketClient.ConnectAsync(app.Url);

        await RefusedAsync(
            client, "realtime:r", "phx_join", """{"config":{"presence":{"key":"__proto__"}}}""", "key: __proto__ is not allowed, any other name is (option: key)");
        await HeartbeatAsync(client);
    }

    [Fact]
    public void A_socket_without_what_it_needs_is_not_mapped()
    {
        var app = WebApplication.CreateSlimBuilder().Build();

        var missing = Assert.Throws<InvalidOperationException>(() => app.MapPresenceSocket());

        Assert.Contains("AddSignalR().AddPresence()", missing.Message, StringComparison.Ordinal);
    }

    private static void SignInByQuery(WebApplication app) => app.Use((context, next) =>
    {
        var id = new Claim(ClaimTypes.NameIdentifier, context.Request.Query["user"].ToString());
        context.User = new ClaimsPrincipal(new ClaimsIdentity([id], "query"));
        return next(context);
    });

    private static Task JoinRealtimeAsync(SocketClient client, string parameters) => client.AskAsync(
        Frame("realtime:r", "phx_join", parameters),
        """["1","1","realtime:r","phx_reply",{"status":"ok","response":{"postgres_changes":[]}}]""",
        """["1",null,"realtime:r","presence_state",{}]""");

    private static Task RefusedAsync(SocketClient client, string topic, string name, string payload, string reason) => client.AskAsync(
        Frame(topic, name, payload), $$$"""["1","1","{{{topic}}}","phx_reply",{"status":"error","response":{"reason":"{{{reason}}}"}}]""");

    private static Task HeartbeatAsync(SocketClient client) => client.AskAsync(
        """[null,"9","phoenix","heartbeat",{}]""", """[null,"9","phoenix","phx_reply",{"status":"ok","response":{}}]""");

    private static string Frame(string topic, string name, string payload) => $"[\"1\",\"1\",\"{topic}\",\"{name}\",{payload}]";
}
