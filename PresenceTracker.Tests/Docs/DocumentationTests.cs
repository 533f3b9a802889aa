using System.Text.RegularExpressions;
using PresenceTracker.Configuration;
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
}
