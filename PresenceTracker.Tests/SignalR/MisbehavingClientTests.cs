using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using PresenceTracker.Owners;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Http;
using PresenceTracker.Tests.Host;
using PresenceTracker.Tests.Sockets;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Whatever a client does wrong is refused with the reason, by each way in, and nobody else notices.</summary>
public sealed class MisbehavingClientTests : IAsyncLifetime
{
    private const string Room = "room:1";
    private const string ApiKey = "secret";
    private const int Burst = 20;
    private const string TooFast = "calls of a connection: one more is not allowed, at most 20 at once and 0.001 a second is";
    private const string NoKey = "key: __proto__ is not allowed, any other name is (option: key)";
    private const string MetaTooLong = "meta: 5011 bytes is not allowed, at most 4096 bytes is (option: presence.limits.meta)";

    private static readonly string LongText = new('x', 5_000);

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));
    private HubApp _app = null!;
    private HubClient _ann = null!;
    private SocketClient _sue = null!;

    /// <summary>Two who have done nothing wrong are in the room, one by the hub and one by the socket.</summary>
    public async Task InitializeAsync()
    {
        _app = await HubApp.StartAsync(
            configure: options => (options.CallsBurst, options.CallsPerSecond) = (Burst, 0.001),
            map: SignInByQuery,
            add: services => services.AddSingleton<IPresenceAuthorizer, HouseRulesAuthorizer>()
                .Configure<PresenceApiOptions>(api => api.ApiKey = ApiKey));
        _ann = await HubClient.ConnectAsync(_app);
        await _ann.JoinedAsync(Room, "ann");
        _sue = await SocketClient.ConnectAsync(_app.Url);
        await _sue.SendAsync($$"""["1","1","{{Room}}","phx_join",{"key":"sue"}]""");
        Assert.Contains("phx_reply", await _sue.ReadAsync(), StringComparison.Ordinal);
        Assert.Contains("presence_state", await _sue.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(["sue"], (await _ann.NextDiffAsync()).Joins);
    }

    public async Task DisposeAsync()
    {
        _sue.Dispose();
        await _ann.DisposeAsync();
        await _app.DisposeAsync();
        _patience.Dispose();
    }

    [Fact]
    public async Task A_client_of_the_hub_is_told_why_and_goes_on()
    {
        await using var eve = await HubClient.ConnectAsync(_app);
        await RefusedAsync("nobody may enter the cellar", "cellar", "eve");
        await RefusedAsync(MetaTooLong, Room, "eve", new { text = LongText });
        await RefusedAsync(NoKey, Room, "__proto__");
        await RefusedAsync("a JSON object, not String", Room, "eve", "no object");

        await using (var bob = await HubClient.ConnectAsync(new Uri(_app.Hub, "?user=bob")))
        {
            var refused = await Assert.ThrowsAsync<HubException>(() => bob.JoinAsync(Room, "eve"));
            Assert.Contains("eve is not the key of this user, which is bob", refused.Message, StringComparison.Ordinal);
        }

        // What does not fit the method at all is refused by SignalR.
        await Assert.ThrowsAsync<HubException>(() => eve.CallAsync("Join", new { no = "topic" }, "eve", null));
        await Assert.ThrowsAsync<HubException>(() => eve.CallAsync("Shout", "hello"));
        await eve.JoinedAsync("room:2", "eve");
        await NobodyNoticesAsync();

        async Task RefusedAsync(string reason, string topic, string key, object? meta = null)
        {
            var refused = await Assert.ThrowsAsync<HubException>(() => eve.JoinAsync(topic, key, meta));
            Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_of_the_hub_that_joins_ten_times_too_often_is_refused_and_goes_on()
    {
        await using var greedy = await HubClient.ConnectAsync(_app);
        var joins = Enumerable.Range(0, 10 * Burst).Select(n => greedy.JoinAsync("room:2", "greedy", new { n })).ToList();

        var refusals = new List<string>();
        foreach (var join in joins)
        {
            try
            {
                await join;
            }
            catch (HubException refused)
            {
                refusals.Add(refused.Message);
            }
        }

        Assert.Equal(9 * Burst, refusals.Count);
        Assert.All(refusals, refusal => Assert.Contains(TooFast, refusal, StringComparison.Ordinal));
        await greedy.CallAsync("Update", "room:2", new { n = "last" });
        await Expect.UntilAsync(
            () => Assert.Single(_app.Tracker.List("room:2")).Meta.ToString() == """{"n":"last"}""", "the update, which is not limited, is listed");
        await NobodyNoticesAsync();
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[1,2,3]")]
    [InlineData("""{"type":1,"target":7,"arguments":[]}""")]
    [InlineData("""{"type":1,"target":"Join","arguments":"no list"}""")]
    public async Task What_is_no_message_of_the_hub_ends_its_own_connection_with_an_error(string record)
    {
        using var eve = await RawHubSocket.ConnectAsync(_app.Hub, _patience.Token);
        Assert.Equal("{}", await eve.ReadRecordAsync(_patience.Token));

        await eve.SendAsync(record, _patience.Token);

        Assert.StartsWith("{\"type\":7,\"error\":\"Connection closed with an error.\"", await eve.ReadRecordAsync(_patience.Token), StringComparison.Ordinal);
        Assert.Null(await eve.ReadRecordAsync(_patience.Token));
        await NobodyNoticesAsync();
    }

    [Fact]
    public async Task A_client_of_the_socket_is_told_why_and_goes_on()
    {
        using (var bob = await SocketClient.ConnectAsync(_app.Url, "?vsn=2.0.0&user=bob"))
        {
            await RefusedAsync(bob, Room, """{"key":"eve"}""", "eve is not the key of this user, which is bob");
        }

        using var eve = await SocketClient.ConnectAsync(_app.Url);
        await RefusedAsync(eve, "cellar", """{"key":"eve"}""", "nobody may enter the cellar");
        await RefusedAsync(eve, Room, $$$"""{"key":"eve","meta":{"text":"{{{LongText}}}"}}""", MetaTooLong);
        await RefusedAsync(eve, Room, """{"key":"__proto__"}""", NoKey);
        await RefusedAsync(eve, "realtime:r", """{"config":{"presence":{"key":"__proto__"}}}""", NoKey);
        await eve.SendAsync("""["1","1","room:2","phx_join",{"key":"eve"}]""");
        Assert.Contains("\"status\":\"ok\"", await eve.ReadAsync(), StringComparison.Ordinal);
        await NobodyNoticesAsync();

        static Task RefusedAsync(SocketClient client, string topic, string parameters, string reason) => client.AskAsync(
            $$"""["1","1","{{topic}}","phx_join",{{parameters}}]""",
            $$$"""["1","1","{{{topic}}}","phx_reply",{"status":"error","response":{"reason":"{{{reason}}}"}}]""");
    }

    [Fact]
    public async Task A_client_of_the_socket_that_joins_ten_times_too_often_is_refused_and_goes_on()
    {
        using var greedy = await SocketClient.ConnectAsync(_app.Url);
        for (var n = 1; n <= 10 * Burst; n++)
        {
            await greedy.SendAsync($$$"""["{{{n}}}","{{{n}}}","room:2","phx_join",{"key":"greedy","meta":{"n":{{{n}}}}}]""");
        }

        var replies = await greedy.ReadRepliesAsync(10 * Burst);
        Assert.All(replies.Skip(Burst), reply => Assert.Contains(TooFast, reply, StringComparison.Ordinal));
        Assert.Equal($$"""{"n":{{Burst}}}""", Assert.Single(_app.Tracker.List("room:2")).Meta.ToString());
        await NobodyNoticesAsync();
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[1,2]")]
    [InlineData("""["1","1",7,"phx_join",{}]""")]
    public async Task What_is_no_frame_of_the_socket_ends_its_own_connection_with_the_reason(string frame)
    {
        using var eve = await SocketClient.ConnectAsync(_app.Url);

        await eve.SendAsync(frame);

        Assert.Null(await eve.ReadAsync());
        Assert.Equal((WebSocketCloseStatus.InvalidPayloadData, "not [join_ref, ref, topic, event, payload]"), (eve.CloseStatus, eve.CloseReason));
        await NobodyNoticesAsync();
    }

    /// <summary>Its callers are backends, which have no rate and speak for any key.</summary>
    [Fact]
    public async Task A_caller_of_the_HTTP_API_is_told_why()
    {
        using var http = new HttpClient { BaseAddress = _app.Url };
        await Problem.OfAsync(await PutAsync("eve", "{}"), HttpStatusCode.Unauthorized);
        http.DefaultRequestHeaders.Authorization = new("Bearer", ApiKey);

        var problem = await Problem.OfAsync(await PutAsync("__proto__", "{}"), HttpStatusCode.BadRequest);
        Assert.Equal(
            (NoKey, "key", "__proto__", "any other name", "key"),
            (Of("detail"), Of("limit"), Of("value"), Of("allowed"), Of("option")));
        await Problem.OfAsync(await http.GetAsync("/api/keys/__proto__"), HttpStatusCode.BadRequest);
        await Problem.OfAsync(await PutAsync("eve", $$"""{"text":"{{LongText}}"}"""), HttpStatusCode.RequestEntityTooLarge);
        await Problem.OfAsync(await PutAsync("eve", "no JSON"), HttpStatusCode.BadRequest);
        using var lines = new StringContent(
            """
            {"topic":"room:2","key":"__proto__","meta":{}}
            no JSON
            {"topic":"room:2","key":"eve","meta":{}}
            """);
        var outcome = await (await http.PostAsync("/api/presences", lines)).Content.ReadFromJsonAsync<JsonObject>();

        Assert.Equal((1, 2), ((int)outcome!["tracked"]!, (int)outcome["failed"]!));
        Assert.Equal((1, NoKey), ((int)outcome["errors"]![0]!["line"]!, (string)outcome["errors"]![0]!["error"]!));
        Assert.Equal(["eve"], _app.Tracker.List("room:2").Keys);
        await NobodyNoticesAsync();

        Task<HttpResponseMessage> PutAsync(string key, string meta) =>
            http.PutAsync($"/api/topics/{Room}/presences/{key}", new StringContent(meta));

        string Of(string member) => (string)problem[member]!;
    }

    /// <summary>The next that the others in the room are told is what happens now, and nobody has been tracked whom they were not told of.</summary>
    private async Task NobodyNoticesAsync()
    {
        Assert.Empty(_app.Tracker.List("cellar"));
        Assert.Equal(["ann", "sue"], _app.Tracker.List(Room).Keys);
        await _app.Tracker.TrackAsync(Room, "last", Owner.Lease(TimeSpan.FromHours(1)));
        Assert.Equal(["last"], (await _ann.NextDiffAsync()).Joins);
        await _sue.ExpectAsync(
            $$$$$"""[null,null,"{{{{{Room}}}}}","presence_diff",{"joins":{"last":{"metas":[{"phx_ref":"*"}]}},"leaves":{}}]""");
    }

    private static void SignInByQuery(WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.Query["user"] is [{ } user])
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user)], "query"));
        }

        return next(context);
    });
}
