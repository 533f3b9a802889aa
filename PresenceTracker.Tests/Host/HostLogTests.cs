using System.Net;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.Logging;
using PresenceTracker.Host;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>What callers do wrong is told to them, and does not fill the log.</summary>
public sealed class HostLogTests : IAsyncLifetime
{
    private readonly CollectedLog _log = new();
    private HostNode _node = null!;

    public async Task InitializeAsync()
    {
        _node = await HostNode.StartAsync();
        _node.Loggers.AddProvider(_log);
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_refused_call_of_the_hub_is_no_error()
    {
        await using var hub = new HubConnectionBuilder().WithUrl(new Uri(_node.Url, "/hubs/presence")).Build();
        await hub.StartAsync().InTime();

        (string Method, object?[] Arguments)[] calls =
        [
            ("Join", ["", "alice", null]), ("Join", ["room:1", null, null]), ("Join", ["room:1", "alice", 1]), ("Join", ["room:1"]),
            ("Join", [1, 2, 3]), ("Leave", ["room:1"]), ("Update", ["room:1", null]), ("List", [null]), ("Nothing", []),
        ];
        foreach (var (method, arguments) in calls)
        {
            await Assert.ThrowsAsync<HubException>(() => hub.InvokeCoreAsync<object>(method, arguments).InTime());
        }

        Assert.Equal([], _log.Faults);
    }

    [Fact]
    public async Task A_fault_in_a_call_of_the_hub_is_logged_once()
    {
        var filter = new HubFaultLog(_node.Loggers.CreateLogger<HubFaultLog>());
        var call = new HubInvocationContext(
            new SignalR.LoneConnection(), serviceProvider: null!, hub: null!, typeof(PresenceTracker.SignalR.Hubs.PresenceHub).GetMethod("List")!, []);
        var fault = new InvalidOperationException("broken");

        Assert.Same(fault, await Assert.ThrowsAsync<InvalidOperationException>(() => filter.InvokeMethodAsync(call, _ => throw fault).AsTask()));
        await Assert.ThrowsAsync<HubException>(() => filter.InvokeMethodAsync(call, _ => throw new HubException("refused")).AsTask());

        var entry = Assert.Single(_log.Entries, entry => entry.Level >= LogLevel.Warning);
        Assert.Equal((LogLevel.Error, "A call of List to the hub failed", (Exception)fault), (entry.Level, entry.Text, entry.Exception));
    }

    [Fact]
    public async Task Bad_requests_leave_nothing_in_the_log()
    {
        const string Presence = "/api/topics/room:1/presences/alice";
        (string Method, string Target, string Body)[] requests =
        [
            ("PUT", Presence, "{"), ("PUT", Presence, "[]"), ("PUT", Presence, "{\"a\":" + new string('[', 3_000)),
            ("PUT", Presence + "?lease=soon", ""), ("PUT", Presence + "?owner=%FF", ""), ("PUT", Presence + "?lease=1s&lease=2s", ""),
            ("PUT", "/api/topics/%FF/presences/k", ""), ("PUT", "/api/topics//presences/k", ""), ("DELETE", Presence, ""),
            ("POST", "/api/presences", "hello\n{}\n[1]"), ("POST", "/api/presences?lease=soon", "{}"), ("POST", "/api/nodes", ""),
            ("GET", "/api/keys/", ""), ("GET", "/api/nothing", ""), ("GET", "/api/topics/x/presences?nodes=perhaps", ""),
            ("GET", "/api/topics/" + new string('x', 513) + "/events", ""), ("OPTIONS", "*", ""), ("CONNECT", "a:1", ""), ("NONSENSE", "/", ""),
            ("GET", "no path", ""), ("POST", "/hubs/presence", "hello"), ("GET", "/hubs/presence?id=unknown", ""),
        ];
        foreach (var (method, target, body) in requests)
        {
            // Only the lines of a bulk request are answered one by one.
            var answer = await RawHttp.SendAsync(_node.Url, method, target, body);
            Assert.Matches("^HTTP/1.1 (4|200 OK)", answer);
        }

        await Problem.OfAsync(await _node.Http.PutAsync(Presence, new ByteArrayContent(new byte[5_000])), HttpStatusCode.RequestEntityTooLarge);
        await RawHttp.SendAsync(_node.Url, "PUT", Presence, "nonsense\r\n", "Transfer-Encoding: chunked");
        Assert.Equal(HttpStatusCode.OK, (await _node.Http.GetAsync("/health/ready")).StatusCode);
        Assert.Equal([], _log.Faults);
    }
}
