using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>The program as somebody who types a command sees it.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed class HostProcessTests
{
    private static readonly string Program = typeof(global::PresenceTracker.Host.HostProgram).Assembly.Location;

    [Fact]
    public async Task It_says_in_one_line_what_has_started_and_ends_when_asked()
    {
        var (http, port) = (FreePorts.Take(), FreePorts.Take());
        await using var host = new ConsoleProcess(Program, ["--urls", $"http://127.0.0.1:{http}", "--node-port", $"{port}", "--cluster-name", "mine"]);

        var line = await host.NextLineAsync();

        Assert.Matches($"PresenceTracker [0-9.]+ serves http://127.0.0.1:{http}; it is node 127.0.0.1:{port} of cluster mine, alone$", line);
        using var client = new HttpClient();
        Assert.Contains("ready", await client.GetStringAsync($"http://127.0.0.1:{http}/health/ready"), StringComparison.Ordinal);
        host.Terminate();
        Assert.Equal(0, await host.ExitedAsync());
        Assert.Equal("", await host.RestAsync());
    }

    [Fact]
    public async Task A_taken_port_is_one_line_and_an_exit_code()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await RefusesAsync($"127.0.0.1:{port}", "--urls", $"http://127.0.0.1:{port}", "--node-port", "0");
        await RefusesAsync($"127.0.0.1:{port}", "--urls", "http://127.0.0.1:0", "--node-port", $"{port}");
        await RefusesAsync("--node-port or PRESENCE_NODE_PORT", "--urls", "http://127.0.0.1:0", "--node-port", $"{port}");
    }

    [Fact]
    public async Task What_cannot_be_used_is_one_line_and_an_exit_code()
    {
        await RefusesAsync("--nonsense", "--nonsense");
        await RefusesAsync("nowhere", "--urls", "http://127.0.0.1:0", "--node-port", "0", "--seeds", "nowhere");
        await RefusesAsync("--api-key", "--urls", "http://0.0.0.0:0", "--node-port", "0");
        await RefusesAsync("--urls http://127.0.0.1:99999", "--urls", "http://127.0.0.1:99999", "--node-port", "0");
        await RefusesAsync("--allowed-origins", "--allowed-origins", "nowhere");
        await RefusesAsync(
            "--node-public-host or PRESENCE_NODE_PUBLIC_HOST", "--urls", "http://127.0.0.1:0", "--node-port", "0", "--node-host", "0.0.0.0");
    }

    [Fact]
    public async Task A_key_that_is_given_and_empty_is_refused() =>
        await RefusesAsync("PRESENCE_API_KEY is empty", "env", ["PRESENCE_API_KEY=", "dotnet", Program, "--urls", "http://127.0.0.1:0", "--node-port", "0"]);

    [Theory]
    [InlineData("""{ "TopicsMax": 0 }""")]
    [InlineData("""{ "TopicsMax": "many" }""")]
    [InlineData("""{ "Topics": 1 }""")]
    public async Task An_option_of_the_hub_that_cannot_be_used_is_one_line_and_an_exit_code(string hub)
    {
        using var folder = new HostFolder($$"""{ "Presence": { "hub": {{hub}} } }""");

        await RefusesAsync("Presence:hub", folder.Program, ["--urls", "http://127.0.0.1:0", "--node-port", "0"]);
    }

    [Fact]
    public async Task The_options_of_the_hub_are_those_of_the_file()
    {
        using var folder = new HostFolder("""{ "Presence": { "hub": { "TopicsMax": 1 } } }""");
        var http = FreePorts.Take();
        await using var host = new ConsoleProcess(folder.Program, ["--urls", $"http://127.0.0.1:{http}", "--node-port", "0"]);
        await host.PrintsAsync("serves http");
        await using var hub = new HubConnectionBuilder().WithUrl($"http://127.0.0.1:{http}/hubs/presence").Build();
        await hub.StartAsync().InTime();
        await hub.InvokeAsync<string>("Join", "room:1", "alice", null).InTime();

        var refused = await Assert.ThrowsAsync<HubException>(() => hub.InvokeAsync<string>("Join", "room:2", "alice", null).InTime());

        Assert.Contains("at most 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_settings_that_cannot_be_read_is_one_line_and_an_exit_code()
    {
        using var folder = new HostFolder("""{ "Presence": """, "appsettings.json");

        await RefusesAsync(folder.PathOf("appsettings.json"), folder.Program, ["--node-port", "0"]);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_one_line_and_an_exit_code()
    {
        using var missing = new HostFolder("""{ "Kestrel": { "Certificates": { "Default": { "Path": "missing.pfx" } } } }""");
        await RefusesAsync("missing.pfx", missing.Program, ["--urls", "https://127.0.0.1:0", "--node-port", "0"]);

        using var wrong = new HostFolder("""{ "Kestrel": { "Certificates": { "Default": { "Path": "appsettings.json" } } } }""");
        await RefusesAsync("Kestrel:Certificates", wrong.Program, ["--urls", "https://127.0.0.1:0", "--node-port", "0"]);
    }

    /// <summary>The start waits for its file of settings, which is a pipe.</summary>
    [Fact]
    public async Task A_stop_that_is_asked_for_during_the_start_is_no_fault()
    {
        using var folder = new HostFolder("{}");
        var pipe = folder.PathOf("node.conf");
        Assert.Equal(0, MakePipe(pipe, 0b110_000_000));
        await using var host = new ConsoleProcess(folder.Program, ["--urls", "http://127.0.0.1:0", "--node-port", "0", "--config", pipe]);
        await using (var settings = await Task.Run(() => new StreamWriter(pipe)).InTime())
        {
            host.Terminate();
            await settings.WriteAsync("presence.shards = 8");
        }

        Assert.Equal(0, await host.ExitedAsync());
        Assert.DoesNotContain("xception", await host.RestAsync(), StringComparison.Ordinal);
    }

    private static Task RefusesAsync(string names, params string[] arguments) => RefusesAsync(names, Program, arguments);

    private static async Task RefusesAsync(string names, string program, string[] arguments)
    {
        await using var host = new ConsoleProcess(program, arguments);

        Assert.Equal(1, await host.ExitedAsync());
        var said = await host.RestAsync();
        Assert.StartsWith("PresenceTracker cannot start: ", said, StringComparison.Ordinal);
        Assert.Contains(names, said, StringComparison.Ordinal);
        Assert.Single(said.TrimEnd().Split('\n'));
    }

    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int MakePipe(string path, uint mode);
}
