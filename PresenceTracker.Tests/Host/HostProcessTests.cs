using System.Net;
using System.Net.Sockets;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>The program as somebody who types a command sees it.</summary>
[Collection(ProcessCollection.Name)]
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
    }

    [Fact]
    public async Task What_cannot_be_used_is_one_line_and_an_exit_code()
    {
        await RefusesAsync("--nonsense", "--nonsense");
        await RefusesAsync("nowhere", "--urls", "http://127.0.0.1:0", "--node-port", "0", "--seeds", "nowhere");
        await RefusesAsync("--api-key", "--urls", "http://0.0.0.0:0", "--node-port", "0");
    }

    private static async Task RefusesAsync(string names, params string[] arguments)
    {
        await using var host = new ConsoleProcess(Program, arguments);

        Assert.Equal(1, await host.ExitedAsync());
        var said = await host.RestAsync();
        Assert.StartsWith("PresenceTracker cannot start: ", said, StringComparison.Ordinal);
        Assert.Contains(names, said, StringComparison.Ordinal);
        Assert.Single(said.TrimEnd().Split('\n'));
    }
}
