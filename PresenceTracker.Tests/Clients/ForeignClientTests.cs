using System.Globalization;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
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

    [NodeFact]
    public Task Clients_of_phoenix_see_what_the_server_lists() => PassesAsync("phoenix.mjs");

    [NodeFact]
    public Task Clients_of_supabase_see_what_the_server_lists() => PassesAsync("supabase.mjs", "@supabase/realtime-js");

    [NodeFact]
    public Task Newer_clients_of_supabase_see_who_comes_and_goes() => PassesAsync("supabase.mjs", "realtime-js-newer");

    [NodeFact]
    public Task Clients_of_signalr_with_its_automatic_reconnect_see_what_the_server_lists() => PassesAsync("signalr.mjs");

    private static async Task PassesAsync(string program, params string[] arguments)
    {
        await ForeignClients.InstalledAsync();
        await using var cluster = await HostCluster.StartAsync(2);
        await using var client = new ConsoleProcess(
            "node", [Path.Combine(ForeignClients.Folder, program), .. cluster.Hosts.Select(host => host.Origin), .. arguments]);
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
}
