using System.Globalization;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.Style;
using Xunit;

namespace PresenceTracker.Tests.Clients;

/// <summary>
/// Clients of others, as they are published, on two Host processes. What each program does and expects is in its file; it asks for a Host to be
/// killed and started again.
/// </summary>
[Collection(PatientProcessCollection.Name)]
public sealed class ForeignClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string Folder = Path.Combine(Repository.Root, "PresenceTracker.Tests", "Clients");

    [NodeFact]
    public Task Clients_of_phoenix_see_what_the_server_lists() => PassesAsync("phoenix.mjs");

    [NodeFact]
    public Task Clients_of_supabase_see_what_the_server_lists() => PassesAsync("supabase.mjs", "@supabase/realtime-js");

    [NodeFact]
    public Task Newer_clients_of_supabase_see_who_comes_and_goes() => PassesAsync("supabase.mjs", "realtime-js-newer");

    private static async Task PassesAsync(string program, params string[] arguments)
    {
        await InstallAsync();
        await using var cluster = await HostCluster.StartAsync(2);
        await using var client = new ConsoleProcess(
            "node", [Path.Combine(Folder, program), .. cluster.Hosts.Select(host => host.Origin), .. arguments]);
        while (await client.PrintsAsync("^(?:RESTART (\\d)|passed)$", Patience) is { Groups: [_, { Success: true } number] })
        {
            var host = cluster.Hosts[int.Parse(number.Value, CultureInfo.InvariantCulture)];
            await host.KillAsync();
            await cluster.RestartAsync(host);
            await cluster.ReadyAsync();
            await client.WriteLineAsync("restarted");
        }

        Assert.Equal(0, await client.ExitedAsync());
    }

    private static async Task InstallAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            return;
        }

        await using var npm = new ConsoleProcess("npm", "ci", "--ignore-scripts", "--prefix", Folder);
        var printed = await npm.RestAsync();
        Assert.True(await npm.ExitedAsync() == 0, printed);
    }
}
