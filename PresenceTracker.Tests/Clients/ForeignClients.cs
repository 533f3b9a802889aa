using System.Text.Json.Nodes;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Style;
using Xunit;

namespace PresenceTracker.Tests.Clients;

/// <summary>Clients of others as npm has them, installed in the folder of these tests by the first that asks.</summary>
internal static class ForeignClients
{
    // Of an installation without a cache, over a slow line.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly Lazy<Task> Installed = new(InstallAsync);

    public static string Folder { get; } = Path.Combine(Repository.Root, "PresenceTracker.Tests", "Clients");

    public static Task InstalledAsync() => Installed.Value;

    private static async Task InstallAsync()
    {
        // Those of an older checkout lack what has been added since.
        var wanted = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "package.json")))!["dependencies"]!.AsObject();
        if (wanted.All(package => Directory.Exists(Path.Combine(Folder, "node_modules", package.Key))))
        {
            return;
        }

        await using var npm = new ConsoleProcess("npm", "ci", "--ignore-scripts", "--prefix", Folder);
        var printed = await npm.RestAsync(Patience);
        Assert.True(await npm.ExitedAsync() == 0, printed);
    }
}
