using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>Whatever is wrong is answered with what is wrong, and changes nothing.</summary>
[Collection(SharedHostCollection.Name)]
public sealed class BadRequestTests(SharedHost host)
{
    private readonly HostNode _node = host.Node;
    private readonly string _topic = host.NewTopic();

    [Theory]
    [InlineData("30")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("0s")]
    [InlineData("-5s")]
    [InlineData("500ms")]
    [InlineData("1.5h")]
    [InlineData("1d")]
    [InlineData("25h")]
    [InlineData("86401s")]
    [InlineData("999999999999999s")]
    [InlineData(" 30s")]
    public async Task An_unknown_lease_is_refused(string lease)
    {
        var problem = await RefusedAsync(HttpStatusCode.BadRequest, "{}", "?lease=" + Uri.EscapeDataString(lease));

        Assert.Equal(("lease", lease), ((string)problem["limit"]!, (string)problem["value"]!));
        Assert.Contains("1s to 24h", (string)problem["allowed"]!, StringComparison.Ordinal);
        await Problem.OfAsync(
            await _node.Http.PostAsync($"/api/presences?lease={Uri.EscapeDataString(lease)}", new StringContent("{}")), HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("1s")]
    [InlineData("86400s")]
    [InlineData("5m")]
    [InlineData("24h")]
    public async Task A_lease_from_a_second_to_a_day_is_taken(string lease) => await _node.PutAsync(_topic, "alice", query: "?lease=" + lease);

    [Theory]
    [InlineData("[]", "not Array")]
    [InlineData("null", "not Null")]
    [InlineData("{", "not JSON")]
    [InlineData("hello", "not JSON")]
    [InlineData("{\"a\":1,\"a\":2}", "duplicate")]
    [InlineData("{\"phx_ref\":\"x\"}", "phx_ref")]
    [InlineData("{\"a\":\"\\ud800\"}", "surrogate")]
    public async Task What_is_no_meta_is_refused(string body, string fault) => Assert.Contains(
        fault, (string)(await RefusedAsync(HttpStatusCode.BadRequest, body))["detail"]!, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task A_body_that_is_not_utf8_is_refused() =>
        await RefusedAsync(HttpStatusCode.BadRequest, new ByteArrayContent([.. "{\"a\":\""u8, 0xff, .. "\"}"u8]));

    [Fact]
    public async Task A_body_of_3000_levels_is_refused() => await RefusedAsync(HttpStatusCode.BadRequest, "{\"a\":" + new string('[', 3_000));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_of_5_KB_is_too_large_whether_or_not_it_says_its_length(bool saysLength)
    {
        var body = new ByteArrayContent(new byte[5_000]);
        using var request = new HttpRequestMessage(HttpMethod.Put, HostNode.PathOf(_topic, "alice", "")) { Content = body };
        request.Headers.TransferEncodingChunked = !saysLength;

        var problem = await Problem.OfAsync(await _node.Http.SendAsync(request), HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal(
            ("meta", "at most 4096 bytes", "presence.limits.meta"),
            ((string)problem["limit"]!, (string)problem["allowed"]!, (string)problem["option"]!));
        NothingChanged();
    }

    [Theory]
    [InlineData("PUT", "meta")]
    [InlineData("POST", "body")]
    public async Task A_body_of_100_MB_is_refused_before_it_is_sent(string method, string limit)
    {
        var path = method == "PUT" ? HostNode.PathOf(_topic, "alice", "") : "/api/presences";
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new UnsentContent(100_000_000) };
        request.Headers.ExpectContinue = true;

        var problem = await Problem.OfAsync(await _node.Http.SendAsync(request), HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal((limit, "100000000 bytes"), ((string)problem["limit"]!, (string)problem["value"]!));
        NothingChanged();
    }

    /// <summary>Who sends all of it before looking for an answer, as most clients do, gets the answer.</summary>
    [Theory]
    [InlineData("PUT", "meta", false)]
    [InlineData("PUT", "meta", true)]
    [InlineData("POST", "body", false)]
    [InlineData("POST", "body", true)]
    public async Task A_body_of_100_MB_that_is_sent_is_answered(string method, string limit, bool saysLength)
    {
        var path = method == "PUT" ? HostNode.PathOf(_topic, "alice", "") : "/api/presences";
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(new byte[100_000_000]) };
        request.Headers.TransferEncodingChunked = !saysLength;

        var problem = await Problem.OfAsync(await _node.Http.SendAsync(request), HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal(limit, (string)problem["limit"]!);
        NothingChanged();
    }

    [Theory]
    [InlineData("GET", "/api/nothing", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/nodes", HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "/api/topics/x/presences/k?owner=", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/topics/x/events?nodes=perhaps", HttpStatusCode.BadRequest)]
    public async Task It_is_a_problem_also_for_who_accepts_something_else(string method, string target, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        request.Headers.Accept.ParseAdd("text/event-stream");

        await Problem.OfAsync(await _node.Http.SendAsync(request), expected);
    }

    [Theory]
    [InlineData("PUT", "/api/topics/x%/presences/k", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "/api/topics/x%FF/presences/k", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "/api/topics/x%ED%A0%80/presences/k", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "/api/topics//presences/k", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "/api/topics/x/presences/", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "/api/topics/-/presences/k?topic=", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "/api/topics/x/presences/k?owner=%FF", HttpStatusCode.BadRequest)]
    [InlineData("DELETE", "/api/topics/x/presences/k?owner=%FF", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/presences?owner=%FF", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "/api/topics/x/presences/k?owner=", HttpStatusCode.BadRequest)]
    [InlineData("DELETE", "/api/topics/x/presences/k?owner=", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/presences?owner=", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/Api/Presences?owner=%FF", HttpStatusCode.BadRequest)]
    [InlineData("PUT", "/api/topics/x/presences/k?lease=1s&lease=2s", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/topics/x/presences?nodes=perhaps", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/keys/", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/topics/x", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/nodes", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/presences", HttpStatusCode.MethodNotAllowed)]
    public async Task What_is_wrong_with_a_request_is_a_problem(string method, string target, HttpStatusCode expected)
    {
        // Kept from being tidied up on its way.
        var uri = new Uri(_node.Url.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);

        await Problem.OfAsync(await _node.Http.SendAsync(request), expected);
    }

    [Fact]
    public async Task Keys_and_owners_have_limits_too()
    {
        var key = await Problem.OfAsync(
            await _node.Http.PutAsync(HostNode.PathOf(_topic, new string('k', 257), ""), null), HttpStatusCode.BadRequest);
        var owner = await Problem.OfAsync(
            await _node.Http.PutAsync(HostNode.PathOf(_topic, "alice", "?owner=" + new string('o', 256)), null), HttpStatusCode.BadRequest);

        Assert.Equal("key", (string)key["limit"]!);
        Assert.Equal("owner", (string)owner["limit"]!);
        await Problem.OfAsync(await _node.Http.GetAsync("/api/keys/" + new string('k', 257)), HttpStatusCode.BadRequest);
        NothingChanged();
    }

    private Task<JsonObject> RefusedAsync(HttpStatusCode status, string body, string query = "") =>
        RefusedAsync(status, new ByteArrayContent(Encoding.UTF8.GetBytes(body)), query);

    private async Task<JsonObject> RefusedAsync(HttpStatusCode status, HttpContent body, string query = "")
    {
        var problem = await Problem.OfAsync(await _node.Http.PutAsync(HostNode.PathOf(_topic, "alice", query), body), status);
        NothingChanged();
        return problem;
    }

    private void NothingChanged() => Assert.Equal(0, _node.Tracker.Count(_topic).Metas);
}
