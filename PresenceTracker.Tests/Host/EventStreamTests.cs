using System.Net;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Host;

public sealed class EventStreamTests
{
    private const string Topic = "room:1";

    [Fact]
    public async Task The_state_and_every_diff_after_it_fold_to_the_list()
    {
        await using var node = await HostNode.StartAsync();
        await node.PutAsync(Topic, "alice", """{"n":0}""");
        await using var events = await node.WatchAsync(Topic);
        var folded = PresenceFold.Of(await events.NextAsync("presence_state"));

        await node.PutAsync(Topic, "alice", """{"n":1}""");
        await node.PutAsync(Topic, "alice", query: "?owner=desk");
        await node.PutAsync(Topic, "bob");
        await node.Http.DeleteAsync(HostNode.PathOf(Topic, "alice", ""));

        for (var i = 0; i < 4; i++)
        {
            folded.Apply(await events.NextAsync("presence_diff"));
        }

        Assert.Equal(PresenceFold.RefsOf((await node.GetAsync(HostNode.PathOf(Topic, "presences"))).AsObject()), folded.Refs);
        Assert.Equal(2, folded.Refs.Count);
    }

    [Fact]
    public async Task An_update_is_one_diff_that_names_the_ref_before()
    {
        await using var node = await HostNode.StartAsync();
        var first = await node.PutAsync(Topic, "alice", """{"n":0}""");
        await using var events = await node.WatchAsync(Topic);
        await events.NextAsync("presence_state");

        var second = await node.PutAsync(Topic, "alice", """{"n":1}""");

        Assert.Equal(
            $$$$"""{"joins":{"alice":{"metas":[{"n":1,"phx_ref":"{{{{second}}}}","phx_ref_prev":"{{{{first}}}}"}]}},"leaves":{"alice":{"metas":[{"n":0,"phx_ref":"{{{{first}}}}"}]}}}""",
            (await events.NextAsync("presence_diff")).ToJsonString());
    }

    [Fact]
    public async Task Who_comes_back_gets_the_state()
    {
        await using var node = await HostNode.StartAsync();
        await node.PutAsync(Topic, "alice");

        await using var events = await EventReader.OpenAsync(node.Http, HostNode.PathOf(Topic, "events?nodes=true"), lastEventId: "1");

        var meta = (await events.NextAsync("presence_state"))["alice"]!["metas"]![0]!;
        Assert.Equal(node.Tracker.Self.Address, (string)meta["phx_node"]!);
    }

    [Fact]
    public async Task More_streams_than_may_be_are_told_to_come_back()
    {
        await using var node = await HostNode.StartAsync("--event-streams-max", "1");
        await using (var events = await node.WatchAsync(Topic))
        {
            await events.NextAsync("presence_state");
            using var refused = await node.Http.GetAsync(HostNode.PathOf(Topic, "events"), HttpCompletionOption.ResponseHeadersRead);
            var problem = await Problem.OfAsync(refused, HttpStatusCode.ServiceUnavailable);
            Assert.Equal(("event-streams", "at most 1 at a time"), ((string)problem["limit"]!, (string)problem["allowed"]!));
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);

            // What is refused takes no place.
            await Problem.OfAsync(await node.Http.GetAsync(HostNode.PathOf(Topic, "events?nodes=perhaps")), HttpStatusCode.BadRequest);
        }

        using var patience = new CancellationTokenSource(Expect.Patience);
        HttpResponseMessage again;
        do
        {
            again = await node.Http.GetAsync(HostNode.PathOf(Topic, "events"), HttpCompletionOption.ResponseHeadersRead, patience.Token);
            using var answered = again;
        }
        while (again.StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task When_the_node_stops_its_streams_end_and_its_leases_are_gone_elsewhere_at_once()
    {
        await using var other = await HostNode.StartAsync();
        await using var node = await HostNode.StartAsync("--seeds", other.Tracker.Self.Address);
        await using var elsewhere = await other.WatchAsync(Topic);
        await elsewhere.NextAsync("presence_state");
        await using var events = await node.WatchAsync(Topic);
        await events.NextAsync("presence_state");
        await node.PutAsync(Topic, "alice");
        Assert.NotNull((await elsewhere.NextAsync("presence_diff"))["joins"]!["alice"]);
        Assert.NotNull((await events.NextAsync("presence_diff"))["joins"]!["alice"]);

        var stopped = node.StopAsync();

        Assert.NotNull((await elsewhere.NextAsync("presence_diff").WaitAsync(TimeSpan.FromSeconds(1)))["leaves"]!["alice"]);
        Assert.Null(await events.NextAsync());
        await stopped.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, other.Tracker.Count(Topic).Metas);
    }
}
