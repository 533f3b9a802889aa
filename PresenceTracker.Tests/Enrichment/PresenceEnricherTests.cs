using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.Tests.Diagnostics;
using PresenceTracker.Tests.Host;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Sockets;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Enrichment;

/// <summary>What clients are shown beside metas, and what becomes of them when nobody can say.</summary>
public sealed class PresenceEnricherTests : IAsyncLifetime
{
    private const string Room = "room:1";
    private const string Plain = """{"metas":[{"phx_ref":"*"}]}""";

    private static readonly Owner Lease = Owner.Lease(TimeSpan.FromHours(1));

    private readonly ScriptedEnricher _enricher = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLoggerProvider _log = new("PresenceTracker.SignalR.Enrichment");
    private HubApp _app = null!;
    private MeterProbe _probe = null!;

    public async Task InitializeAsync()
    {
        _app = await HubApp.StartAsync(add: services =>
        {
            services.AddLogging(logging => logging.AddProvider(_log));
            services.AddSingleton<IPresenceEnricher>(_enricher);
            services.AddSingleton<TimeProvider>(_time);
        });
        _probe = new MeterProbe(_app.Tracker.Self.Address);
    }

    public async Task DisposeAsync()
    {
        _probe.Dispose();
        await _app.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task States_diffs_and_lists_show_what_is_known_beside_the_metas()
    {
        await _app.Tracker.TrackAsync(Room, "ann", Lease);
        await _app.Tracker.TrackAsync(Room, "nobody", Lease);
        using var socket = await SocketClient.ConnectAsync(_app.Url);
        await JoinAsync(socket, State("ann", Named("ANN"), "nobody", Plain));
        await using var hub = await HubClient.ConnectAsync(_app);
        Assert.Equal("BOB", NameIn((await hub.JoinedAsync(Room, "bob")).Data, "bob"));
        await socket.ExpectAsync(Diff(State("bob", Named("BOB")), "{}"));

        Assert.Equal("ANN", NameIn(await hub.CallAsync("List", Room), "ann"));
        await _app.Tracker.UntrackAsync(Room, "ann", Lease);

        await socket.ExpectAsync(Diff("{}", State("ann", Named("ANN"))));
        Assert.Equal("ANN", NameIn((await hub.NextDiffAsync()).Data.GetProperty("leaves"), "ann"));
    }

    [Fact]
    public async Task The_HTTP_API_shows_it_too_and_all_streams_of_a_topic_ask_once()
    {
        await _app.Tracker.TrackAsync(Room, "ann", Lease);
        using var http = new HttpClient { BaseAddress = _app.Url };
        using var list = await http.GetFromJsonAsync<JsonDocument>($"api/topics/{Room}/presences?nodes=true");
        Assert.Equal("ANN", NameIn(list!.RootElement, "ann"));
        Assert.Equal(_app.Tracker.Self.Address, list.RootElement.GetProperty("ann").GetProperty("metas")[0].GetProperty("phx_node").GetString());

        await using var first = await EventReader.OpenAsync(http, $"api/topics/{Room}/events");
        await using var second = await EventReader.OpenAsync(http, $"api/topics/{Room}/events");
        Assert.Equal("ANN", Name(await first.NextAsync("presence_state"), "ann"));
        Assert.Equal("ANN", Name(await second.NextAsync("presence_state"), "ann"));
        await _app.Tracker.TrackAsync(Room, "bob", Lease);
        await _app.Tracker.UntrackAsync(Room, "ann", Lease);

        foreach (var stream in new[] { first, second })
        {
            Assert.Equal("BOB", Name((await stream.NextAsync("presence_diff"))["joins"]!, "bob"));
            Assert.Equal("ANN", Name((await stream.NextAsync("presence_diff"))["leaves"]!, "ann"));
        }

        Assert.Equal([$"{Room}: ann", $"{Room}: bob"], _enricher.Asked);

        static string? Name(JsonNode state, string key) => state[key]!["name"]?.GetValue<string>();
    }

    [Fact]
    public async Task All_keys_of_a_message_are_looked_up_in_one_call_and_known_until_their_time_is_over()
    {
        await _app.Tracker.TrackAsync(Room, "ann", Lease);
        await _app.Tracker.TrackAsync(Room, "nobody", Lease);
        var everybody = State("ann", Named("ANN"), "nobody", Plain);
        using var first = await SocketClient.ConnectAsync(_app.Url);
        using var second = await SocketClient.ConnectAsync(_app.Url);
        using var third = await SocketClient.ConnectAsync(_app.Url);
        await JoinAsync(first, everybody);
        await JoinAsync(second, everybody);
        Assert.Equal([$"{Room}: ann nobody"], _enricher.Asked);

        _time.Advance(TimeSpan.FromSeconds(30));
        await JoinAsync(third, everybody);
        Assert.Equal([$"{Room}: ann nobody", $"{Room}: ann nobody"], _enricher.Asked);
    }

    [Fact]
    public async Task One_that_fails_is_logged_and_counted_and_left_alone_for_a_while()
    {
        await _app.Tracker.TrackAsync(Room, "ann", Lease);
        await _app.Tracker.TrackAsync("room:2", "ann", Lease);
        _enricher.Answer = (_, _) => throw new InvalidOperationException("the database is away");
        using var client = await SocketClient.ConnectAsync(_app.Url);
        await JoinAsync(client, State("ann", Plain));
        Assert.Equal((LogLevel.Error, $"The enricher failed at {Room}, whose clients get metas alone"), await _log.NextAsync());

        _enricher.Answer = (keys, _) => new(ScriptedEnricher.Names(keys));
        await _app.Tracker.TrackAsync(Room, "bob", Lease);
        await client.ExpectAsync(Diff(State("bob", Plain), "{}"));
        await JoinAsync(client, State("ann", Named("ANN")), "room:2");
        Assert.Equal((1, 1), (Fallbacks("Failed"), Fallbacks("Paused")));

        _time.Advance(TimeSpan.FromSeconds(5));
        await _app.Tracker.TrackAsync(Room, "eve", Lease);
        await client.ExpectAsync(Diff(State("eve", Named("EVE")), "{}"));
    }

    [Fact]
    public async Task One_that_gives_no_answer_delays_a_topic_until_its_time_is_over_and_no_other_topic()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _enricher.Answer = async (keys, overdue) =>
        {
            if (keys.Contains("slow"))
            {
                asked.SetResult();
                await new TaskCompletionSource().Task.WaitAsync(overdue);
            }

            return ScriptedEnricher.Names(keys);
        };
        await _app.Tracker.TrackAsync(Room, "slow", Lease);
        await _app.Tracker.TrackAsync("room:2", "ann", Lease);
        using var client = await SocketClient.ConnectAsync(_app.Url);
        await client.AskAsync(
            $$"""["1","1","{{Room}}","phx_join",{}]""", $$$"""["1","1","{{{Room}}}","phx_reply",{"status":"ok","response":{}}]""");
        await asked.Task.InTime();
        await JoinAsync(client, State("ann", Named("ANN")), "room:2");

        _time.Advance(TimeSpan.FromMilliseconds(500));

        await client.ExpectAsync($"""["1",null,"{Room}","presence_state",{State("slow", Plain)}]""");
        Assert.Equal(1, Fallbacks("Overdue"));
        Assert.Equal((LogLevel.Error, $"The enricher has not answered for {Room} within 00:00:00.5000000, and its clients get metas alone"), await _log.NextAsync());
    }

    [Fact]
    public async Task While_as_many_calls_as_may_are_under_way_the_next_waits_its_turn()
    {
        var calls = _app.Services.GetRequiredService<EnricherCalls>();
        var mayAnswer = await BeginAsync(calls, EnricherCalls.UnderWayMax);

        var next = calls.FetchAsync("next", ["ann"]).AsTask();
        Assert.False(next.IsCompleted, "the call that is one too many has been answered at once");
        mayAnswer.SetResult();

        Assert.Equal("""{"name":"ANN","metas":"no"}""", (await next.InTime())["ann"].ToString());
        Assert.Equal(0, Fallbacks("Busy"));
    }

    [Fact]
    public async Task Whose_turn_has_not_come_when_the_time_is_over_gets_metas_alone()
    {
        var calls = _app.Services.GetRequiredService<EnricherCalls>();
        var mayAnswer = await BeginAsync(calls, EnricherCalls.UnderWayMax);
        var next = calls.FetchAsync("next", ["ann"]).AsTask();
        Assert.False(next.IsCompleted, "the call that is one too many has been answered at once");

        _time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Empty(await next.InTime());
        Assert.Equal(1, Fallbacks("Busy"));
        mayAnswer.SetResult();
    }

    [Fact]
    public async Task Who_joins_while_an_answer_is_awaited_is_in_the_state_that_it_is_sent()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _enricher.Answer = async (keys, _) =>
        {
            asked.TrySetResult();
            await answer.Task;
            return ScriptedEnricher.Names(keys);
        };
        await _app.Tracker.TrackAsync(Room, "ann", Lease);
        using var watcher = await SocketClient.ConnectAsync(_app.Url);
        using var bob = await SocketClient.ConnectAsync(_app.Url);
        const string Accepted = $$$"""["1","1","{{{Room}}}","phx_reply",{"status":"ok","response":{}}]""";
        await watcher.AskAsync($$"""["1","1","{{Room}}","phx_join",{}]""", Accepted);
        await asked.Task.InTime();
        await bob.AskAsync($$"""["1","1","{{Room}}","phx_join",{"key":"bob"}]""", Accepted);

        answer.SetResult();

        await bob.ExpectAsync($"""["1",null,"{Room}","presence_state",{State("ann", Named("ANN"), "bob", Named("BOB"))}]""");
        await watcher.ExpectAsync(
            $"""["1",null,"{Room}","presence_state",{State("ann", Named("ANN"))}]""", Diff(State("bob", Named("BOB")), "{}"));
    }

    [Fact]
    public async Task What_is_longer_than_a_meta_is_not_shown()
    {
        _enricher.Answer = (keys, _) => new(keys.ToDictionary(key => key, _ => Metas.From(new { filler = new string('x', 5_000) })));
        await _app.Tracker.TrackAsync(Room, "ann", Lease);
        using var client = await SocketClient.ConnectAsync(_app.Url);

        await JoinAsync(client, State("ann", Plain));

        Assert.Equal(
            (LogLevel.Error, $"What the enricher says of ann in {Room} is left out: it has 5013 bytes, and at most 4096 are shown"),
            await _log.NextAsync());
    }

    [Fact]
    public void A_cache_that_is_full_forgets_what_it_learnt_first()
    {
        var cache = new EnrichmentCache(_time);
        for (var n = 0; n <= EnrichmentCache.EntriesMax; n++)
        {
            cache.Set(Room, $"{n}", Meta.Empty, TimeSpan.FromMinutes(1));
        }

        Assert.False(cache.TryGet(Room, "0", out _));
        Assert.True(cache.TryGet(Room, $"{EnrichmentCache.EntriesMax / 2}", out _));
        Assert.True(cache.TryGet(Room, $"{EnrichmentCache.EntriesMax}", out var last));
        Assert.Same(Meta.Empty, last);
    }

    /// <summary>Completes when so many calls are under way, each for a topic of its own.</summary>
    /// <returns>They are answered when it is set.</returns>
    private async Task<TaskCompletionSource> BeginAsync(EnricherCalls calls, int count)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _enricher.Answer = async (keys, _) =>
        {
            await answer.Task;
            return ScriptedEnricher.Names(keys);
        };
        for (var n = 0; n < count; n++)
        {
            _ = calls.FetchAsync($"topic {n}", ["ann"]).AsTask();
        }

        await Expect.UntilAsync(() => _enricher.Asked.Count() == count, $"{count} calls are under way", () => $"there are {_enricher.Asked.Count()}");
        return answer;
    }

    private double Fallbacks(string why) => _probe.Read("presence.enricher.fallbacks", $"why={why}");

    private static Task JoinAsync(SocketClient client, string state, string topic = Room) => client.AskAsync(
        $$"""["1","1","{{topic}}","phx_join",{}]""",
        $$$"""["1","1","{{{topic}}}","phx_reply",{"status":"ok","response":{}}]""",
        $"""["1",null,"{topic}","presence_state",{state}]""");

    private static string State(string key, string presences) => $"{{\"{key}\":{presences}}}";

    private static string State(string key, string presences, string otherKey, string otherPresences) =>
        $"{{\"{key}\":{presences},\"{otherKey}\":{otherPresences}}}";

    private static string Named(string name) => $$$"""{"metas":[{"phx_ref":"*"}],"name":"{{{name}}}"}""";

    private static string Diff(string joins, string leaves) =>
        $$$"""[null,null,"{{{Room}}}","presence_diff",{"joins":{{{joins}}},"leaves":{{{leaves}}}}]""";

    private static string? NameIn(JsonElement state, string key) => state.GetProperty(key).GetProperty("name").GetString();
}
