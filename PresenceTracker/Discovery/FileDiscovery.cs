using System.Collections.Immutable;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Discovery;

/// <summary>
/// A file with an address in each line, read anew with each look. Changes of it are watched, but not relied upon: of a mounted volume, or of a
/// link that is turned to another file, the operating system may tell nothing.
/// </summary>
/// <param name="path">Absolute. The file may come later, and its folder too.</param>
/// <param name="countMax">How many addresses are taken.</param>
internal sealed class FileDiscovery(string path, int countMax) : IDiscovery
{
    /// <summary>What is read of it: more than as many addresses as are taken need.</summary>
    public const int BytesMax = 512 * 1024;

    private const int LinesTold = 3;
    private const char Comment = '#';

    private readonly Lock _access = new();
    private FileSystemWatcher? _watcher;
    private bool _hasEnded;
    private Action _changed = () => { };

    public string Name { get; } = $"the file {path}";

    public DiscoverySource Source => DiscoverySource.File;

    public void Begin(Action changed) => _changed = changed;

    // On a thread of the pool: on a mounted volume that does not answer, already the opening of a file takes its time.
    public Task<Finding> LookAsync(CancellationToken cancellation) => Task.Run(() => ReadAsync(cancellation), cancellation);

    public void Dispose()
    {
        lock (_access)
        {
            _hasEnded = true;
            _watcher?.Dispose();
        }
    }

    private async Task<Finding> ReadAsync(CancellationToken cancellation)
    {
        // First, so that no change between reading and watching is missed.
        Watch();
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 4096, useAsync: true);
            var bytes = new byte[Math.Min(file.Length, BytesMax) + 1];
            var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
            using var text = new StreamReader(new MemoryStream(bytes, 0, Math.Min(length, BytesMax)));
            return Read(await text.ReadToEndAsync(cancellation), isCut: length > BytesMax);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Finding.Nothing(DiscoveryFaultKind.Unreadable, $"it cannot be read: {unreadable.Message}");
        }
    }

    private Finding Read(string text, bool isCut)
    {
        var addresses = new SortedSet<string>(StringComparer.Ordinal);
        var bad = new List<string>();
        var beyond = 0;
        foreach (var (index, line) in text.Split('\n').Index())
        {
            var address = line.Split(Comment)[0].Trim();
            if (address.Length == 0 || addresses.Contains(address))
            {
                continue;
            }

            if (!NodeAddress.IsValid(address))
            {
                bad.Add($"line {index + 1}, {Excerpt.Of(address)}");
            }
            else if (addresses.Count == countMax)
            {
                beyond++;
            }
            else
            {
                addresses.Add(address);
            }
        }

        var faults = ImmutableArray.CreateBuilder<DiscoveryFault>();
        if (bad.Count > 0)
        {
            var rest = bad.Count > LinesTold ? $", and {bad.Count - LinesTold} more" : "";
            faults.Add(new DiscoveryFault(
                DiscoveryFaultKind.BadLine, bad.Count, $"no address ({NodeAddress.Form}): {string.Join("; ", bad.Take(LinesTold))}{rest}"));
        }

        if (beyond > 0)
        {
            faults.Add(new DiscoveryFault(DiscoveryFaultKind.TooMany, beyond, $"it has {countMax + beyond} addresses, of which {countMax} are taken"));
        }

        if (isCut)
        {
            faults.Add(new DiscoveryFault(DiscoveryFaultKind.TooMany, 1, $"it is longer than {BytesMax} bytes, and the rest is not read"));
        }

        return new Finding([.. addresses], faults.DrainToImmutable());
    }

    private void Watch()
    {
        lock (_access)
        {
            if (_watcher is null && !_hasEnded)
            {
                _watcher = NewWatcher();
            }
        }
    }

    private FileSystemWatcher? NewWatcher()
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path));
            watcher.Changed += (_, _) => _changed();
            watcher.Created += (_, _) => _changed();
            watcher.Renamed += (_, _) => _changed();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception unwatchable) when (unwatchable is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // There is no such folder yet, or too much is watched on this machine: it is read as often all the same, and tried again then.
            watcher?.Dispose();
            return null;
        }
    }
}
