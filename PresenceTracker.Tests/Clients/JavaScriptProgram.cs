using PresenceTracker.Tests.Cluster.Processes;
using Xunit;

namespace PresenceTracker.Tests.Clients;

/// <summary>A program in a folder of its own that has the package of <c>clients/js</c> as npm packs it. Disposing it deletes the folder.</summary>
internal sealed class JavaScriptProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-js-");
    private readonly string _source;

    private JavaScriptProgram(string source) => _source = source;

    /// <summary>Where the package is installed.</summary>
    public string Package => Path.Combine(_folder.FullName, "node_modules", "presence-tracker-client");

    /// <param name="source">The program, of those in <c>clients/js/test/support</c>.</param>
    public static async Task<JavaScriptProgram> WithPackageAsync(string source)
    {
        var program = new JavaScriptProgram(source);
        try
        {
            await program.InstallAsync();
            return program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>Compiles it, and fails with what the compiler has against it.</summary>
    public Task CompilesAsync() => RunAsync(
        "node", Path.Combine(JavaScriptClient.Folder, "node_modules", "typescript", "lib", "tsc.js"), "--project", _folder.FullName);

    /// <returns>What the compiled program prints.</returns>
    public Task<string> RunAsync() => RunAsync("node", Path.Combine(_folder.FullName, Path.ChangeExtension(_source, "js")));

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task InstallAsync()
    {
        await JavaScriptClient.NpmAsync("pack", "--ignore-scripts", "--pack-destination", _folder.FullName, JavaScriptClient.Folder);
        Directory.CreateDirectory(Package);
        await RunAsync("tar", "-xzf", _folder.GetFiles("*.tgz").Single().FullName, "-C", Package, "--strip-components=1");
        Directory.CreateSymbolicLink(
            Path.Combine(_folder.FullName, "node_modules", "@microsoft"), Path.Combine(JavaScriptClient.Folder, "node_modules", "@microsoft"));
        File.Copy(Path.Combine(JavaScriptClient.Folder, "test", "support", _source), Path.Combine(_folder.FullName, _source));
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "package.json"), """{ "type": "module" }""");
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "tsconfig.json"),
            """{ "compilerOptions": { "target": "ES2022", "module": "NodeNext", "strict": true, "skipLibCheck": true, "types": [] } }""");
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        await using var process = new ConsoleProcess(program, arguments);
        var printed = await process.RestAsync();
        Assert.True(await process.ExitedAsync() == 0, printed);
        return printed;
    }
}
