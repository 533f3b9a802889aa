namespace PresenceTracker.Tests.Host.Processes;

/// <summary>The program in a folder of its own, with settings of its own. Disposing it deletes the folder.</summary>
internal sealed class HostFolder : IDisposable
{
    private static readonly string Original = typeof(global::PresenceTracker.Host.HostProgram).Assembly.Location;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-host-");

    /// <param name="settings">What a file of settings says.</param>
    /// <param name="file">Which; the one that comes with the program is there too, unless it is that.</param>
    public HostFolder(string settings, string file = "appsettings.Production.json")
    {
        var name = Path.GetFileNameWithoutExtension(Original);
        foreach (var part in Directory.EnumerateFiles(Path.GetDirectoryName(Original)!))
        {
            // The runtime looks for the program's files where the program itself lies, so that this one must be no link.
            if (Path.GetFileName(part).StartsWith(name + ".", StringComparison.Ordinal) || Path.GetFileName(part) == "appsettings.json")
            {
                File.Copy(part, PathOf(Path.GetFileName(part)));
            }
            else if (Path.GetExtension(part) == ".dll")
            {
                File.CreateSymbolicLink(PathOf(Path.GetFileName(part)), part);
            }
        }

        _folder.CreateSubdirectory("wwwroot");
        File.WriteAllText(PathOf(file), settings);
    }

    public string Program => PathOf(Path.GetFileName(Original));

    public string PathOf(string file) => Path.Combine(_folder.FullName, file);

    public void Dispose() => _folder.Delete(recursive: true);
}
