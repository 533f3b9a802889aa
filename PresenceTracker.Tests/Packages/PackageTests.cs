using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Docs;
using Xunit;

namespace PresenceTracker.Tests.Packages;

/// <summary>
/// The packages as somebody has them who installs them. By default one is packed; with <see cref="LongTests"/> all are, and the programs of
/// their READMEs are built from nothing else and run.
/// </summary>
[Collection(PatientProcessCollection.Name)]
public sealed class PackageTests : IDisposable
{
    private static readonly string[] Packages =
        LongTests.AreOn ? ["PresenceTracker.Protocol", "PresenceTracker", "PresenceTracker.SignalR"] : ["PresenceTracker.SignalR"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-packages-");

    [Fact]
    public async Task What_is_packed_has_all_that_its_users_need()
    {
        foreach (var package in Packages)
        {
            await PackAsync(package);
            Assert.Empty(new[] { $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml", "README.md" }.Except(FilesIn(package, "nupkg")));
            Assert.Contains($"lib/net10.0/{package}.pdb", FilesIn(package, "snupkg"));
        }

        if (LongTests.AreOn)
        {
            await using var console = await RunAsync("PresenceTracker", "Microsoft.NET.Sdk", ProgramOf("PresenceTracker"));
            await console.PrintsAsync("^alice: \\{\"status\":\"online\"\\}$");

            var url = $"http://127.0.0.1:{FreePorts.Take()}";
            var program = ProgramOf("PresenceTracker.SignalR").Replace(
                "AddPresenceTracker()", "AddPresenceTracker(options => options.NodePort = 0)", StringComparison.Ordinal);
            await using var web = await RunAsync(
                "PresenceTracker.SignalR", "Microsoft.NET.Sdk.Web", program, "--urls", url, "--contentRoot", _folder.FullName);
            await web.PrintsAsync("Application started");
            using var http = new HttpClient { BaseAddress = new Uri(url) };
            using var put = await http.PutAsJsonAsync("/api/topics/room/presences/alice", new { status = "online" });
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
            Assert.Equal(["alice"], (await http.GetFromJsonAsync<JsonObject>("/api/topics/room/presences"))!.Select(entry => entry.Key));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string ProgramOf(string package) =>
        Repository.Read(package, "README.md").ReplaceLineEndings("\n").Split("```csharp\n")[1].Split("```")[0];

    private static async Task DotnetAsync(params string[] arguments)
    {
        await using var dotnet = new ConsoleProcess("dotnet", [.. arguments, "-nodeReuse:false", "--nologo", "-v", "q"]);
        var printed = await dotnet.RestAsync(TimeSpan.FromMinutes(3));
        Assert.True(await dotnet.ExitedAsync() == 0, printed);
    }

    private Task PackAsync(string package)
    {
        // As these tests were built.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return DotnetAsync("pack", Path.Combine(Repository.Root, package), "--no-build", "-c", configuration, "-o", _folder.FullName);
    }

    private IEnumerable<string> FilesIn(string package, string kind)
    {
        var file = _folder.GetFiles($"{package}.*.{kind}").Single(file => char.IsDigit(file.Name[package.Length + 1]));
        using var archive = ZipFile.OpenRead(file.FullName);
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    /// <summary>Builds a program in a folder of its own, with one of the packages, and starts it.</summary>
    private async Task<ConsoleProcess> RunAsync(string package, string sdk, string program, params string[] arguments)
    {
        var folder = _folder.CreateSubdirectory($"{package} user").FullName;
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), program);

        // What is packed here is kept nowhere else: another package of the same version may follow.
        await File.WriteAllTextAsync(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{folder}/packages" /></config>
              <fallbackPackageFolders><add key="present" value="{packages}" /></fallbackPackageFolders>
              <packageSources><add key="packed" value="{_folder.FullName}" /></packageSources>
            </configuration>
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "User.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="{package}" Version="*-*" /></ItemGroup>
            </Project>
            """);
        await DotnetAsync("build", folder, "-o", Path.Combine(folder, "built"), "-p:UseSharedCompilation=false");
        return new ConsoleProcess(Path.Combine(folder, "built", "User.dll"), arguments);
    }
}
