using PresenceTracker.Discovery;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Discovery;

public sealed class FileDiscoveryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("presence-discovery-");
    private readonly string _path;
    private readonly FileDiscovery _discovery;

    public FileDiscoveryTests()
    {
        _path = Path.Combine(_folder.FullName, "nodes");
        _discovery = new FileDiscovery(_path, countMax: 4);
    }

    public void Dispose()
    {
        _discovery.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Each_line_is_an_address_and_the_rest_of_it_a_comment()
    {
        await File.WriteAllTextAsync(_path, "\uFEFF# the nodes\r\n\n  b.example:4053 # the second\r\n127.0.0.1:4054\n[::1]:1\nb.example:4053");

        var finding = await LookAsync();

        Assert.Equal(["127.0.0.1:4054", "[::1]:1", "b.example:4053"], finding.Addresses!.Value.AsEnumerable());
        Assert.Empty(finding.Faults);
    }

    [Fact]
    public async Task What_is_no_address_is_told_by_its_line_and_counted_and_the_rest_is_used()
    {
        await File.WriteAllTextAsync(_path, $"a:1\nnowhere\nb:0\nc d:1\n{new string('x', 300)}\nb:1\n");

        var finding = await LookAsync();

        Assert.Equal(["a:1", "b:1"], finding.Addresses!.Value.AsEnumerable());
        var fault = Assert.Single(finding.Faults);
        Assert.Equal((DiscoveryFaultKind.BadLine, 4), (fault.Kind, fault.Count));
        Assert.EndsWith("line 2, nowhere; line 3, b:0; line 4, c d:1, and 1 more", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_file_says_that_there_is_nobody_and_a_missing_one_says_nothing()
    {
        var missing = await LookAsync();
        Assert.Null(missing.Addresses);
        Assert.Equal(DiscoveryFaultKind.Unreadable, Assert.Single(missing.Faults).Kind);

        await File.WriteAllTextAsync(_path, "# nobody yet");
        var empty = await LookAsync();
        Assert.Empty(empty.Addresses!.Value);
        Assert.Empty(empty.Faults);

        using var folder = new FileDiscovery(_folder.FullName, countMax: 4);
        Assert.Equal(DiscoveryFaultKind.Unreadable, Assert.Single((await folder.LookAsync(CancellationToken.None)).Faults).Kind);
    }

    [Fact]
    public async Task No_more_is_taken_than_there_is_room_for_and_no_more_read_than_that_needs()
    {
        await File.WriteAllLinesAsync(_path, Enumerable.Range(1, 6).Select(port => $"a:{port}").Append(new string('#', FileDiscovery.BytesMax)));

        var finding = await LookAsync();

        Assert.Equal(["a:1", "a:2", "a:3", "a:4"], finding.Addresses!.Value.AsEnumerable());
        Assert.Equal([(DiscoveryFaultKind.TooMany, 2), (DiscoveryFaultKind.TooMany, 1)], finding.Faults.Select(fault => (fault.Kind, fault.Count)));
    }

    [Fact]
    public async Task A_change_and_a_replacement_are_told_at_once()
    {
        await File.WriteAllTextAsync(_path, "a:1");
        using var told = new SemaphoreSlim(0);
        _discovery.Begin(() => told.Release());
        await LookAsync();

        await File.AppendAllTextAsync(_path, "\nb:1");
        Assert.True(await told.WaitAsync(Expect.Patience), "a change was not told");
        Assert.Equal(2, (await LookAsync()).Addresses!.Value.Length);

        var next = Path.Combine(_folder.FullName, "next");
        await File.WriteAllTextAsync(next, "c:1");
        while (await told.WaitAsync(TimeSpan.Zero))
        {
            // Of the change before.
        }

        File.Move(next, _path, overwrite: true);
        Assert.True(await told.WaitAsync(Expect.Patience), "a replacement was not told");
        Assert.Equal(["c:1"], (await LookAsync()).Addresses!.Value.AsEnumerable());
    }

    [Fact]
    public async Task A_folder_that_comes_later_is_watched_from_the_next_look_on()
    {
        var path = Path.Combine(_folder.FullName, "later", "nodes");
        using var discovery = new FileDiscovery(path, countMax: 4);
        using var told = new SemaphoreSlim(0);
        discovery.Begin(() => told.Release());
        await discovery.LookAsync(CancellationToken.None);

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await discovery.LookAsync(CancellationToken.None);
        await File.WriteAllTextAsync(path, "a:1");

        Assert.True(await told.WaitAsync(Expect.Patience), "a new file was not told");
    }

    private Task<Finding> LookAsync() => _discovery.LookAsync(CancellationToken.None).InTime();
}
