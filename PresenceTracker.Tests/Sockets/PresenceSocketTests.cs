using System.Net;
using System.Net.WebSockets;
using System.Text;
using PresenceTracker.Tests.Host;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Sockets;

/// <summary>Phoenix Channels as its clients speak it, frame by frame.</summary>
[Collection(SharedHostCollection.Name)]
public sealed class PresenceSocketTests(SharedHost shared)
{
    private readonly string _topic = shared.NewTopic();

    private Uri Url => shared.Node.Url;

    [Fact]
    public async Task A_heartbeat_is_answered()
    {
        using var client = await ConnectAsync();
        await client.AskAsync(
            """[null,"9","phoenix","heartbeat",{}]""", """[null,"9","phoenix","phx_reply",{"status":"ok","response":{}}]""");
    }

    [Fact]
    public async Task A_join_is_answered_then_the_state_comes_with_the_client_in_it_then_each_diff()
    {
        using var ann = await ConnectAsync();
        using var bob = await ConnectAsync();
        await JoinAsync(ann, "1", "ann", "{\"name\":\"Ann\"}", $$$$$"""{"ann":{"metas":[{"name":"Ann","phx_ref":"*"}]}}""");
        await bob.AskAsync(
            Frame("7", "7", "phx_join", """{"key":"bob","meta":{}}"""),
            Ok("7", "7"),
            Frame("7", null, "presence_state", """{"ann":{"metas":[{"name":"Ann","phx_ref":"*"}]},"bob":{"metas":[{"phx_ref":"*"}]}}"""));
        await ann.ExpectAsync(Diff("""{"bob":{"metas":[{"phx_ref":"*"}]}}""", "{}"));

        await bob.AskInAnyOrderAsync(
            Frame("7", "8", "presence_update", """{"meta":{"away":true}}"""), Ok("7", "8", "\"ref\":\"*\""), Diff(Updated, Joined));
        await ann.ExpectAsync(Diff(Updated, Joined));

        // The same again changes nothing: the next that comes is the leave.
        await bob.AskAsync(Frame("7", "9", "presence_update", """{"meta":{"away":true}}"""), Ok("7", "9", "\"ref\":\"*\""));
        var left = """{"bob":{"metas":[{"away":true,"phx_ref":"*"}]}}""";
        await bob.AskInAnyOrderAsync(Frame("7", "10", "presence_leave", "{}"), Ok("7", "10", "\"ref\":\"*\""), Diff("{}", left));
        await ann.ExpectAsync(Diff("{}", left));
        await bob.AskAsync(
            Frame("7", "11", "presence_update", "{}"), Error("7", "11", "this channel is not present: it joined without a key, or has left"));
    }

    [Fact]
    public async Task Who_joins_without_a_key_only_watches()
    {
        using var watcher = await ConnectAsync();
        await watcher.AskAsync(Frame("1", "1", "phx_join", "{}"), Ok("1", "1"), Frame("1", null, "presence_state", "{}"));
        await shared.Node.PutAsync(_topic, "backend");
        await watcher.ExpectAsync(Diff("""{"backend":{"metas":[{"phx_ref":"*"}]}}""", "{}"));
        await watcher.AskAsync(
            Frame("1", "2", "presence_leave", "{}"), Error("1", "2", "this channel is not present: it joined without a key, or has left"));
    }

    [Fact]
    public async Task A_leave_is_answered_and_closed_and_ends_the_presence_at_once()
    {
        using var client = await ConnectAsync();
        await JoinAsync(client, "1", "ann", "{}", """{"ann":{"metas":[{"phx_ref":"*"}]}}""");
        await client.AskAsync(Frame("1", "8", "phx_leave", "{}"), Ok("1", "8"), Frame("1", "1", "phx_close", "{}"));
        Assert.Equal(0, shared.Node.Tracker.Count(_topic).Keys);
        await client.AskAsync(Frame("1", "9", "phx_leave", "{}"), Ok("1", "9"));
        await client.AskAsync(Frame("1", "10", "presence_update", "{}"), Error("1", "10", "unmatched topic"));
    }

    [Fact]
    public async Task A_second_join_takes_the_place_of_the_first_which_is_closed_and_its_presence_goes_on()
    {
        using var watcher = await ConnectAsync();
        await watcher.AskAsync(Frame("1", "1", "phx_join", "{}"), Ok("1", "1"), Frame("1", null, "presence_state", "{}"));
        using var client = await ConnectAsync();
        await JoinAsync(client, "1", "ann", "{}", """{"ann":{"metas":[{"phx_ref":"*"}]}}""");
        await client.AskAsync(
            Frame("2", "2", "phx_join", """{"key":"ann","meta":{}}"""),
            Ok("2", "2"),
            Frame("1", "1", "phx_close", "{}"),
            Frame("2", null, "presence_state", """{"ann":{"metas":[{"phx_ref":"*"}]}}"""));

        // Of the join that is over, nothing is taken.
        await client.SendAsync(Frame("1", "3", "presence_leave", "{}"));
        await client.AskAsync(
            Frame("3", "4", "phx_join", """{"key":"eve","meta":{}}"""),
            Ok("3", "4"),
            Frame("2", "2", "phx_close", "{}"),
            Frame("3", null, "presence_state", """{"eve":{"metas":[{"phx_ref":"*"}]}}"""));
        const string Ann = """{"ann":{"metas":[{"phx_ref":"*"}]}}""";
        const string Eve = """{"eve":{"metas":[{"phx_ref":"*"}]}}""";
        await watcher.ExpectAsync(Diff(Ann, "{}"));
        var next = await watcher.ReadAsync();
        if (next != Diff(Eve, Ann))
        {
            Assert.Equal(Diff(Eve, "{}"), next);
            await watcher.ExpectAsync(Diff("{}", Ann));
        }
    }

    /// <summary>As a server of Phoenix does: it ends the channel before it asks whether the next may be.</summary>
    [Fact]
    public async Task A_second_join_that_is_refused_ends_the_first()
    {
        using var client = await ConnectAsync();
        await JoinAsync(client, "1", "ann", "{}", """{"ann":{"metas":[{"phx_ref":"*"}]}}""");

        await client.AskAsync(
            Frame("2", "2", "phx_join", """{"key":"__proto__"}"""),
            Error("2", "2", "key: __proto__ is not allowed, any other name is (option: key)"),
            Frame("1", "1", "phx_close", "{}"));

        Assert.Empty(shared.Node.Tracker.List(_topic));
        await client.AskAsync(Frame("1", "3", "presence_update", """{"meta":{"away":true}}"""), Error("1", "3", "unmatched topic"));
        await JoinAsync(client, "4", "ann", "{}", """{"ann":{"metas":[{"phx_ref":"*"}]}}""");
        await client.SendAsync(Frame("5", "5", "phx_join", $$$"""{"key":"ann","meta":{"long":"{{{new string('x', 5_000)}}}"}}"""));
        Assert.Contains("\"reason\":\"meta: ", await client.ReadAsync(), StringComparison.Ordinal);
        await client.ExpectAsync(Frame("4", "4", "phx_close", "{}"));
        Assert.Empty(shared.Node.Tracker.List(_topic));
    }

    [Fact]
    public async Task An_update_beyond_the_limit_is_refused_and_changes_nothing()
    {
        using var client = await ConnectAsync();
        await JoinAsync(client, "1", "ann", "{}", """{"ann":{"metas":[{"phx_ref":"*"}]}}""");
        await client.SendAsync(Frame("1", "2", "presence_update", $$$"""{"meta":{"long":"{{{new string('x', 5_000)}}}"}}"""));
        Assert.StartsWith(
            Frame("1", "2", "phx_reply", """{"status":"error","response":{"reason":"meta: """)[..^1], await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("{}", Assert.Single(shared.Node.Tracker.List(_topic)).Meta.ToString());
        await client.AskAsync(
            """[null,"9","phoenix","heartbeat",{}]""", """[null,"9","phoenix","phx_reply",{"status":"ok","response":{}}]""");
    }

    [Fact]
    public async Task A_broken_connection_is_held_for_its_grace_and_a_new_one_takes_its_place()
    {
        using var watcher = await ConnectAsync();
        await watcher.AskAsync(Frame("1", "1", "phx_join", "{}"), Ok("1", "1"), Frame("1", null, "presence_state", "{}"));
        using (var first = await ConnectAsync())
        {
            await JoinAsync(first, "1", "ann", "{\"tab\":1}", """{"ann":{"metas":[{"tab":1,"phx_ref":"*"}]}}""");
        }

        using var second = await ConnectAsync();
        await second.AskAsync(Frame("1", "1", "phx_join", """{"key":"ann","meta":{"tab":2}}"""), Ok("1", "1"));
        await watcher.ExpectAsync(Diff("""{"ann":{"metas":[{"tab":1,"phx_ref":"*"}]}}""", "{}"));
        var next = await watcher.ReadAsync();
        Assert.StartsWith($$$"""[null,null,"{{{_topic}}}","presence_diff",{"joins":{"ann":{"metas":[{"tab":2""", next, StringComparison.Ordinal);
        if (!next!.Contains("tab\":1", StringComparison.Ordinal))
        {
            await watcher.ExpectAsync(Diff("{}", """{"ann":{"metas":[{"tab":1,"phx_ref":"*"}]}}"""));
        }
    }

    [Theory]
    [InlineData("""{"key":"__proto__"}""", "key: __proto__ is not allowed, any other name is (option: key)")]
    [InlineData("""{"key":7}""", "the key is no text")]
    [InlineData("""{"key":"\ud800"}""", "half of a surrogate pair stands alone")]
    public async Task A_join_that_is_refused_says_why_and_changes_nothing(string parameters, string reason)
    {
        using var client = await ConnectAsync();
        await client.AskAsync(Frame("1", "1", "phx_join", parameters), Error("1", "1", reason));
        await client.AskAsync(Frame("1", "2", "presence_leave", "{}"), Error("1", "2", "unmatched topic"));
    }

    [Theory]
    [InlineData("""{"key":""}""")]
    [InlineData("""{"key":"k","meta":[]}""")]
    [InlineData("""{"key":"k","meta":{"phx_ref":"mine"}}""")]
    [InlineData("""{"key":"k","meta":{"long":"LONG"}}""")]
    public async Task A_join_beyond_a_limit_is_refused_and_others_are_unaffected(string parameters)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(Frame("1", "1", "phx_join", parameters.Replace("LONG", new string('x', 5_000), StringComparison.Ordinal)));
        Assert.StartsWith(
            $$$"""["1","1","{{{_topic}}}","phx_reply",{"status":"error","response":{"reason":""", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(0, shared.Node.Tracker.Count(_topic).Keys);
        await JoinAsync(client, "2", "ann", "{}", """{"ann":{"metas":[{"phx_ref":"*"}]}}""");
        await client.AskAsync(Frame("2", "5", "shout", "{}"), Error("2", "5", "unmatched event"));
    }

    [Fact]
    public async Task A_connection_joins_as_many_topics_as_a_socket_of_phoenix()
    {
        using var client = await ConnectAsync();
        for (var i = 0; i < 100; i++)
        {
            await client.SendAsync($$"""["{{i}}","{{i}}","{{_topic}}:{{i}}","phx_join",{}]""");
            await client.ReadAsync();
            await client.ReadAsync();
        }

        await client.AskAsync(Frame("x", "x", "phx_join", "{}"), Error("x", "x", "too many channels joined"));
    }

    [Theory]
    [InlineData("nonsense", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("{}", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""["1","1","t","e"]""", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""["1",2,"t","e",{}]""", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("""["1","2","\ud800","e",{}]""", WebSocketCloseStatus.InvalidPayloadData)]
    [InlineData("BINARY", WebSocketCloseStatus.InvalidMessageType)]
    [InlineData("LONG", WebSocketCloseStatus.MessageTooBig)]
    public async Task What_is_no_frame_closes_its_own_connection_with_the_right_code(string frame, WebSocketCloseStatus code)
    {
        using var other = await ConnectAsync();
        using var client = await ConnectAsync();
        await client.SendAsync(
            frame == "LONG" ? new string('x', 65 * 1024) : frame, frame == "BINARY" ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
        Assert.Null(await client.ReadAsync());
        Assert.Equal(code, client.CloseStatus);
        await JoinAsync(other, "1", "ann", "{}", """{"ann":{"metas":[{"phx_ref":"*"}]}}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?vsn=1.0.0")]
    public async Task Version_1_has_objects_and_no_ref_of_the_join(string query)
    {
        using var client = await SocketClient.ConnectAsync(Url, query);
        await client.AskAsync(
            $$$"""{"topic":"{{{_topic}}}","event":"phx_join","payload":{"key":"ann","meta":{}},"ref":"1"}""",
            $$$"""{"topic":"{{{_topic}}}","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"1"}""",
            $$$"""{"topic":"{{{_topic}}}","event":"presence_state","payload":{"ann":{"metas":[{"phx_ref":"*"}]}},"ref":null}""");
        await client.AskInAnyOrderAsync(
            $$$"""{"topic":"{{{_topic}}}","event":"presence_leave","payload":{},"ref":"2"}""",
            $$$"""{"topic":"{{{_topic}}}","event":"phx_reply","payload":{"status":"ok","response":{"ref":"*"}},"ref":"2"}""",
            $$$$$"""{"topic":"{{{{{_topic}}}}}","event":"presence_diff","payload":{"joins":{},"leaves":{"ann":{"metas":[{"phx_ref":"*"}]}}},"ref":null}""");
        await client.AskAsync(
            $$$"""{"topic":"{{{_topic}}}","event":"phx_leave","payload":{},"ref":"3"}""",
            $$$"""{"topic":"{{{_topic}}}","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"3"}""",
            $$$"""{"topic":"{{{_topic}}}","event":"phx_close","payload":{},"ref":"1"}""");
    }

    [Fact]
    public async Task Another_version_is_refused_and_the_subprotocol_is_answered()
    {
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.ConnectAsync(Url, "?vsn=3.0.0"));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        using var client = await SocketClient.ConnectAsync(Url, "?vsn=2.0.0", "phoenix", "base64url.bearer.phx.dG9rZW4");
        Assert.Equal("phoenix", client.SubProtocol);
        using var plain = await shared.Node.Http.GetAsync("/socket/websocket");
        Assert.Equal(HttpStatusCode.BadRequest, plain.StatusCode);
    }

    [Fact]
    public async Task Supabase_clients_track_and_untrack_on_their_topics()
    {
        var topic = "realtime:" + _topic;
        using var client = await ConnectAsync();
        await client.AskAsync(
            $$$"""["1","1","{{{topic}}}","phx_join",{"config":{"presence":{"key":"ann","enabled":true},"private":false},"access_token":"t"}]""",
            $$$"""["1","1","{{{topic}}}","phx_reply",{"status":"ok","response":{"postgres_changes":[]}}]""",
            $$$"""["1",null,"{{{topic}}}","presence_state",{}]""");
        await client.AskInAnyOrderAsync(
            $$$"""["1","2","{{{topic}}}","presence",{"type":"presence","event":"track","payload":{"name":"Ann"}}]""",
            $$$"""["1","2","{{{topic}}}","phx_reply",{"status":"ok","response":{}}]""",
            $$$"""[null,null,"{{{topic}}}","presence_diff",{"joins":{"ann":{"metas":[{"name":"Ann","phx_ref":"*"}]}},"leaves":{}}]""");
        await client.AskInAnyOrderAsync(
            $$$"""["1","3","{{{topic}}}","presence",{"type":"presence","event":"untrack"}]""",
            $$$"""["1","3","{{{topic}}}","phx_reply",{"status":"ok","response":{}}]""",
            $$$$$"""[null,null,"{{{{{topic}}}}}","presence_diff",{"joins":{},"leaves":{"ann":{"metas":[{"name":"Ann","phx_ref":"*"}]}}}]""");
    }

    [Fact]
    public async Task A_node_that_stops_says_that_its_clients_are_to_come_back()
    {
        await using var node = await HostNode.StartAsync();
        using var client = await SocketClient.ConnectAsync(node.Url);
        await JoinAsync(client, "1", "ann", "{}", """{"ann":{"metas":[{"phx_ref":"*"}]}}""");
        var stopping = node.StopAsync();
        Assert.Null(await client.ReadAsync());
        Assert.Equal((WebSocketCloseStatus)1012, client.CloseStatus);
        client.Dispose();
        await stopping.InTime();
    }

    [Fact]
    public async Task A_node_with_a_key_takes_it_in_the_query_or_as_the_token_of_phoenix()
    {
        await using var node = await HostNode.StartAsync("--api-key", "secret??>");
        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.ConnectAsync(node.Url));
        (await SocketClient.ConnectAsync(node.Url, "?vsn=2.0.0&apikey=secret%3F%3F%3E")).Dispose();
        var token = Convert.ToBase64String(Encoding.UTF8.GetBytes("secret??>")).TrimEnd('=').Replace('/', '_').Replace('+', '-');
        (await SocketClient.ConnectAsync(node.Url, "?vsn=2.0.0", "phoenix", "base64url.bearer.phx." + token)).Dispose();
    }

    private const string Joined = """{"bob":{"metas":[{"phx_ref":"*"}]}}""";
    private const string Updated = """{"bob":{"metas":[{"away":true,"phx_ref":"*","phx_ref_prev":"*"}]}}""";

    private Task<SocketClient> ConnectAsync() => SocketClient.ConnectAsync(Url);

    private Task JoinAsync(SocketClient client, string joinRef, string key, string meta, string state) => client.AskAsync(
        Frame(joinRef, joinRef, "phx_join", $$"""{"key":"{{key}}","meta":{{meta}}}"""),
        Ok(joinRef, joinRef),
        Frame(joinRef, null, "presence_state", state));

    private string Frame(string? joinRef, string? @ref, string name, string payload) =>
        $"[{Quoted(joinRef)},{Quoted(@ref)},\"{_topic}\",\"{name}\",{payload}]";

    private string Ok(string joinRef, string @ref, string members = "") =>
        Frame(joinRef, @ref, "phx_reply", $$$"""{"status":"ok","response":{{{{members}}}}}""");

    private string Error(string joinRef, string @ref, string reason) =>
        Frame(joinRef, @ref, "phx_reply", $$$"""{"status":"error","response":{"reason":"{{{reason}}}"}}""");

    private string Diff(string joins, string leaves) => Frame(null, null, "presence_diff", $$"""{"joins":{{joins}},"leaves":{{leaves}}}""");

    private static string Quoted(string? text) => text is null ? "null" : $"\"{text}\"";
}
