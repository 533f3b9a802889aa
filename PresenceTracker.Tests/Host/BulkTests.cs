using System.Net;
using System.Text.Json.Nodes;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Host;

[Collection(SharedHostCollection.Name)]
public sealed class BulkTests(SharedHost host)
{
    private readonly HostNode _node = host.Node;
    private readonly string _topic = host.NewTopic();

    [Fact]
    public async Task Lines_are_tracked_updated_and_renewed_and_counted_so()
    {
        var first = await _node.PostLinesAsync(Line("alice", """{"n":1}""") + "\n" + Line("bob", "{}") + "\r\n\n");
        var second = await _node.PostLinesAsync(Line("alice", """{"n":2}""") + "\n" + Line("bob", "{}") + "\n" + Line("carol", null));

        Assert.Equal("""{"tracked":2,"updated":0,"unchanged":0,"failed":0,"errors":[]}""", first.ToJsonString());
        Assert.Equal("""{"tracked":1,"updated":1,"unchanged":1,"failed":0,"errors":[]}""", second.ToJsonString());
        Assert.Equal(["alice", "bob", "carol"], _node.Tracker.List(_topic).Keys);
        Assert.Equal("""{"n":2}""", _node.Tracker.GetByKey(_topic, "alice").Single().Meta.ToString());
    }

    [Fact]
    public async Task A_faulty_line_is_reported_and_the_others_are_taken()
    {
        string[] faulty =
        [
            "hello", "[]", "{}", """{"topic":"t"}""", """{"key":"k"}""", """{"topic":1,"key":"k"}""", """{"topic":"t","key":"k","metas":{}}""",
            Line(new string('k', 257), null), Line("k", "[]"), Line("k", """{"phx_ref":"x"}"""), Line("k", "{\"a\":\"" + new string('x', 4_100) + "\"}"),
            Line("k", "{\"a\":" + new string('[', 3_000)), Line("", null), """{"topic":"\ud800","key":"k"}""", new string(' ', 20_000) + Line("k", null),
            """{"topic":"t","topic":"t","key":"k"}""",
        ];

        var outcome = await _node.PostLinesAsync(string.Join('\n', [Line("first", null), .. faulty, Line("last", null)]));

        Assert.Equal((2, faulty.Length), ((int)outcome["tracked"]!, (int)outcome["failed"]!));
        var errors = outcome["errors"]!.AsArray();
        Assert.Equal(Enumerable.Range(2, 10), errors.Select(error => (int)error!["line"]!));
        Assert.All(errors, error => Assert.False(string.IsNullOrEmpty((string?)error!["error"])));
        Assert.Equal(["first", "last"], _node.Tracker.List(_topic).Keys);
    }

    [Fact]
    public async Task A_line_that_is_not_utf8_is_reported()
    {
        using var response = await _node.Http.PostAsync("/api/presences", new ByteArrayContent([.. "{\"topic\":\"t\",\"key\":\""u8, 0xff, .. "\"}"u8]));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, (int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["failed"]!);
    }

    [Fact]
    public async Task An_empty_body_is_nothing() => Assert.Equal(
        """{"tracked":0,"updated":0,"unchanged":0,"failed":0,"errors":[]}""", (await _node.PostLinesAsync("")).ToJsonString());

    [Fact]
    public async Task What_is_refused_after_a_part_was_taken_says_how_much_that_was()
    {
        const int Batch = 1_000;
        var lines = string.Join('\n', Enumerable.Range(0, Batch).Select(i => Line($"user{i}", null))) + "\n";

        var answer = await RawHttp.SendAsync(
            _node.Url, "POST", "/api/presences", $"{lines.Length:x}\r\n{lines}\r\n", NextAsync, "Transfer-Encoding: chunked");

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("1000 presences were taken before", answer, StringComparison.Ordinal);
        Assert.Contains("\"taken\":1000", answer, StringComparison.Ordinal);
        Assert.Equal(Batch, _node.Tracker.Count(_topic).Keys);

        async Task<string> NextAsync()
        {
            await Expect.UntilAsync(() => _node.Tracker.Count(_topic).Keys == Batch, "the first part is taken");
            return "no length\r\n";
        }
    }

    [Fact]
    public async Task Many_lines_arrive_in_a_few_diffs()
    {
        const int Count = 20_000;
        await using var events = await _node.WatchAsync(_topic);
        await events.NextAsync("presence_state");

        var outcome = await _node.PostLinesAsync(string.Join('\n', Enumerable.Range(0, Count).Select(i => Line($"user{i}", null))));

        Assert.Equal(Count, (int)outcome["tracked"]!);
        var (joined, diffs) = (0, 0);
        while (joined < Count)
        {
            joined += (await events.NextAsync("presence_diff"))["joins"]!.AsObject().Count;
            diffs++;
        }

        Assert.InRange(diffs, 1, Count / 100);
    }

    private string Line(string key, string? meta) => $$"""{"topic":"{{_topic}}","key":"{{key}}"{{(meta is null ? "" : $",\"meta\":{meta}")}}}""";
}
