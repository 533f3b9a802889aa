using System.Text.Json;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Data;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Replay;
using Xunit;

namespace PresenceTracker.Tests.Samples;

[Collection(ProcessCollection.Name)]
public sealed class ReplayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_plays_the_trace_into_the_nodes_and_finds_them_equal_to_its_fold_also_a_second_time()
    {
        await using var a = await HubApp.StartAsync();
        await using var b = await HubApp.StartAsync(first: a);
        var options = new ReplayOptions([a.Url, b.Url], Speed: null, Days: 3);
        using var output = new StringWriter();

        Assert.True(await new Player(options, output).RunAsync().WaitAsync(Patience), output.ToString());
        AssertFolded(a, options.Days);
        AssertFolded(b, options.Days);
        Assert.Equal(2, Rooms2014.Rooms.SelectMany(room => a.Tracker.List(room)).Select(presence => presence.Node).Distinct().Count());

        Assert.True(await new Player(options with { Days = 1 }, output).RunAsync().WaitAsync(Patience), output.ToString());
        AssertFolded(b, days: 1);
    }

    [Fact]
    public async Task Users_of_a_node_that_is_lost_half_way_move_to_another()
    {
        const int days = 120;
        await using var a = await HubApp.StartAsync();
        var url = $"http://127.0.0.1:{FreePorts.Take()}";
        await using var b = await HubApp.StartAsync(first: a, url: url);
        await using var c = await HubApp.StartAsync(first: a);
        using var output = new StringWriter();
        var replay = new Player(new ReplayOptions([a.Url, b.Url, c.Url], Speed: null, days), output).RunAsync();
        await Expect.UntilAsync(() => b.Tracker.Count("room04").Keys > 0, "the replay has begun");

        await b.StopAsync();
        Assert.False(replay.IsCompleted, "the replay ended before the node did");
        await using var again = await HubApp.StartAsync(first: a, url: url);

        Assert.True(await replay.WaitAsync(Patience), output.ToString());
        AssertFolded(a, days);
        AssertFolded(again, days);
        AssertFolded(c, days);
        Assert.DoesNotContain(again.Tracker.Self, Rooms2014.Rooms.SelectMany(c.Tracker.List).Select(presence => presence.Node));
    }

    [Fact]
    public async Task Who_is_listed_and_not_in_the_trace_is_a_difference()
    {
        await using var a = await HubApp.StartAsync();
        await a.Tracker.TrackAsync("room00", "stranger", Owner.Connection("c"), new { device = "irc" });
        await a.Tracker.TrackAsync("room01", "guest", Owner.Connection("c"), new { device = "phone" });
        using var output = new StringWriter();

        var player = new Player(new ReplayOptions([a.Url], Speed: null, Days: 1), output) { Patience = TimeSpan.FromMilliseconds(100) };

        Assert.False(await player.RunAsync().WaitAsync(Patience));
        Assert.Contains("room00: lists, though they are not there, 1 users: stranger", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_diff_that_tells_something_twice_or_of_nobody_is_a_fault()
    {
        var alice = Json("""{"alice":{"metas":[{"device":"irc","phx_ref":"1"}]}}""");
        var nobody = Json("{}");
        var state = RoomState.Of(alice);

        Assert.Equal("told twice that alice joined (1)", state.Apply(Diff(alice, nobody)));
        Assert.Null(state.Apply(Diff(nobody, alice)));
        Assert.Equal("told that alice left, who was not there (1)", state.Apply(Diff(nobody, alice)));
        Assert.True(state.IsEqualTo(RoomState.Of(nobody)));
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_told_in_one_line()
    {
        var options = new ReplayOptions([new Uri($"http://127.0.0.1:{FreePorts.Take()}")], Speed: null, Days: 1);

        var fault = await Assert.ThrowsAsync<ReplayException>(() => new Player(options, TextWriter.Null).RunAsync());

        Assert.Contains("does not answer", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--nodes", "127.0.0.1:5000")]
    [InlineData("--speed", "0")]
    [InlineData("--days", "")]
    [InlineData("--fast", "1")]
    public void A_wrong_argument_is_refused(string name, string value) =>
        Assert.Contains(name, Assert.Throws<ReplayException>(() => ReplayOptions.Parse([name, value])).Message, StringComparison.Ordinal);

    private static void AssertFolded(HubApp app, int days)
    {
        var fold = new RoomsFold();
        foreach (var e in Rooms2014.Events().TakeWhile(e => e.Day < days))
        {
            fold.Apply(e);
        }

        Assert.All(Rooms2014.Rooms, room => Assert.Equal(fold.UsersOf(room), app.Tracker.List(room).Keys));
    }

    private static JsonElement Diff(JsonElement joins, JsonElement leaves) => JsonSerializer.SerializeToElement(new { joins, leaves });

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
