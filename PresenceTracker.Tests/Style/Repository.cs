using System.Runtime.CompilerServices;

namespace PresenceTracker.Tests.Style;

/// <summary>The files of the repository that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Projects =
    [
        "PresenceTracker", "PresenceTracker.Benchmarks", "PresenceTracker.Host", "PresenceTracker.Protocol", "PresenceTracker.SignalR", "PresenceTracker.Simulator",
        "PresenceTracker.Tests", "samples",
    ];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    /// <summary>Every file of source code, relative to the root; none that a build has made.</summary>
    public static IEnumerable<string> SourceFiles() =>
        from project in Projects
        from file in Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
        orderby path
        select path;

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
