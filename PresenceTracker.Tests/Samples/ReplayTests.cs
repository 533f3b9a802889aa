using System.Text.Json;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Data;
using PresenceTracker.Tests.Host;
using PresenceTracker.Tests.SignalR;
using Replay;
using Xunit;

namespace PresenceTracker.Tests.Samples;

[Collection(PatientProcessCollection.Name)]
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
    public async Task Into_a_node_with_a_key_it_writes_with_that_key_alone()
    {
        await using var node = await HostNode.StartAsync("--api-key", "secret");
        var options = ReplayOptions.Parse(["--nodes", node.Url.AbsoluteUri, "--days", "1"]);

        var refused = await Assert.ThrowsAsync<ReplayException>(() => new Player(options, TextWriter.Null).RunAsync().WaitAsync(Patience));

        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
        using var output = new StringWriter();
        options = ReplayOptions.Parse(["--nodes", node.Url.AbsoluteUri, "--days", "1", "--api-key", "secret"]);
        Assert.True(await new Player(options, output).RunAsync().WaitAsync(Patience), output.ToString());
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
    [InlineData("--api-key", "")]
    [InlineData("--api-key", "two\nlines")]
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
