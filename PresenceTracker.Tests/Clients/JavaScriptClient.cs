using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Docs;
using Xunit;

namespace PresenceTracker.Tests.Clients;

/// <summary>The package in <c>clients/js</c>, installed and built once for all tests of a class, by the first that asks.</summary>
public sealed class JavaScriptClient : IAsyncLifetime
{
    // Of an installation without a cache, over a slow line.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Lazy<Task> _built = new(BuildAsync);

    public static string Folder { get; } = Path.Combine(Repository.Root, "clients", "js");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.CompletedTask;

    public Task BuiltAsync() => _built.Value;

    /// <summary>Runs npm there, and fails with what it has printed if it does.</summary>
    internal static async Task NpmAsync(params string[] arguments)
    {
        await using var npm = new ConsoleProcess("npm", ["--prefix", Folder, .. arguments]);
        var printed = await npm.RestAsync(Patience);
        Assert.True(await npm.ExitedAsync() == 0, printed);
    }

    private static async Task BuildAsync()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            await NpmAsync("ci");
        }

        await NpmAsync("run", "build");
    }
}
