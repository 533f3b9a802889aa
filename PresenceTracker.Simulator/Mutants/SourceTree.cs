namespace PresenceTracker.Simulator.Mutants;

/// <summary>The sources of the repository that this program was built in.</summary>
internal sealed class SourceTree
{
    private const string Solution = "PresenceTracker.sln";

    private SourceTree(string root) => Root = root;

    public string Root { get; }

    /// <returns>Null if this program does not lie in a repository.</returns>
    public static SourceTree? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return new SourceTree(folder.FullName);
            }
        }

        return null;
    }

    /// <summary>The sources of a project, relative to the root, in the same order everywhere; none that a build has made.</summary>
    public IEnumerable<string> FilesOf(string project) =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where !path.StartsWith($"{project}/obj/", StringComparison.Ordinal) && !path.StartsWith($"{project}/bin/", StringComparison.Ordinal)
        orderby path
        select path;

    public string Read(string file) => File.ReadAllText(Path.Combine(Root, file)).ReplaceLineEndings("\n");
}
