using System.Globalization;
using System.Text.RegularExpressions;
using PresenceTracker.Configuration;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Tests.Simulation;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Docs;

/// <summary>What the pages say that can be compared with the repository.</summary>
public sealed class DocumentationTests
{
    private static readonly string Root = Repository.Root;

    public static TheoryData<string> Pages =>
        [.. Directory.EnumerateFiles(Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Root, path))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_names_only_files_that_exist(string page)
    {
        var text = Repository.Read(page);
        var folder = Path.GetDirectoryName(Path.Combine(Root, page))!;
        var links = Regex.Matches(text, @"\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)").Select(match => Path.Combine(folder, match.Groups[1].Value));
        var paths = Regex.Matches(text, @"`((?:PresenceTracker[\w.]*|docs|config|\.ci)/[\w./-]+)`").Select(match => Path.Combine(Root, match.Groups[1].Value));

        Assert.Equal([], links.Concat(paths).Where(path => !Path.Exists(path)).ToArray());
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_names_only_tests_that_exist(string page)
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Root, "PresenceTracker.Tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path)).ToHashSet(StringComparer.Ordinal);
        var named = Regex.Matches(Repository.Read(page), @"`(\w+Tests)`").Select(match => match.Groups[1].Value);

        Assert.Equal([], named.Where(name => !tests.Contains(name)).ToArray());
    }

    [Fact]
    public void The_settings_to_paste_are_those_of_systems_of_ours()
    {
        var page = Repository.Read("docs", "SECURITY.md");
        var blocks = Regex.Matches(page, "```hocon\n(.*?)```", RegexOptions.Singleline);

        Assert.Equal(
            RemotingSetting.All.Select(setting => setting.ToHocon()),
            blocks[0].Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Every_metric_is_described()
    {
        var page = Repository.Read("docs", "OPERATIONS.md");
        var code = Repository.Read("PresenceTracker", "Diagnostics", "PresenceMetrics.cs");
        var names = Regex.Matches(code, @"""(presence\.[a-z.]+)""").Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(names);
        Assert.Equal([], names.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)).ToArray());
    }

    [Fact]
    public void The_protocol_described_is_that_of_the_code() =>
        Assert.Equal($"{MembershipOptions.ProtocolVersion}", Figure(@"^Version (\d+)\.", "docs", "PROTOCOL.md"));

    [Fact]
    public void The_list_of_messages_is_as_long_as_it_is_said_to_be() =>
        Assert.Equal($"{PresenceSerializer.Kinds.Length}", Figure(@"closed list of (\d+)\s+messages", "docs", "SECURITY.md"));

    [Fact]
    public void The_simulator_runs_as_many_seeds_as_it_is_said_to()
    {
        Assert.Equal($"{SwarmTests.SeedsDefault}", Figure(@"runs the first (\d+) seeds", "docs", "TESTING.md"));
        Assert.Equal($"{SwarmTests.SeedsDefault}", Figure(@"(\d+) simulated clusters", "README.md"));
    }

    [Fact]
    public void Planted_bugs_are_found_when_the_table_says_so()
    {
        var page = Repository.Read("docs", "TESTING.md");
        var seeds = Regex.Matches(page, @"^\| `[\w-]+` \|.*\| (\d+) \|\r?$", RegexOptions.Multiline)
            .Select(row => int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(
            $"All {seeds.Count} are found within {seeds.Max()} seeds, {seeds.Count(seed => seed == 1)} of them at the first.",
            Figure(@"(All \d+ are found within .*\.)", "docs", "TESTING.md"));
    }

    [Fact]
    public void Every_folder_of_tests_is_in_the_table()
    {
        var page = Repository.Read("docs", "TESTING.md");
        var folders = Directory.EnumerateDirectories(Path.Combine(Root, "PresenceTracker.Tests"))
            .Where(folder => Directory.EnumerateFiles(folder, "*Tests.cs").Any()).Select(folder => Path.GetFileName(folder)).ToList();

        Assert.Contains("Docs", folders);
        Assert.Equal([], folders.Where(folder => !page.Contains($"| `{folder}` |", StringComparison.Ordinal)).ToArray());
    }

    private static string Figure(string pattern, params string[] page) =>
        Assert.Single(Regex.Matches(Repository.Read(page), pattern, RegexOptions.Multiline).Select(match => match.Groups[1].Value));
}
