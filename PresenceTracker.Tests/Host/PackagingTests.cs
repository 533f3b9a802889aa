using System.Text.Json;
using System.Text.RegularExpressions;
using PresenceTracker.Host;
using PresenceTracker.Tests.Docs;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>What the container image and the service name is there, in the repository and in the program.</summary>
public sealed partial class PackagingTests
{
    private static readonly string Image = Repository.Read("Dockerfile");
    private static readonly string Service = Repository.Read("packaging", "presence-tracker.service");

    [Fact]
    public void What_the_image_copies_and_publishes_exists()
    {
        var copied = CopyFromContext().Matches(Image).Select(copy => copy.Groups["source"].Value).ToList();
        var published = Regex.Matches(Image, @"^RUN dotnet publish (\S+)", RegexOptions.Multiline).Select(run => run.Groups[1].Value).ToList();

        Assert.Equal([".", "config"], copied);
        Assert.Equal(["PresenceTracker.Host"], published);
        Assert.All(copied.Concat(published), path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
    }

    [Fact]
    public void The_image_starts_the_program()
    {
        var entry = JsonSerializer.Deserialize<string[]>(Regex.Match(Image, "^ENTRYPOINT (.+)$", RegexOptions.Multiline).Groups[1].Value)!;

        Assert.Equal(["dotnet", ProgramFile], entry);
    }

    [Fact]
    public void The_service_starts_the_program_with_arguments_that_it_takes()
    {
        var start = Regex.Match(Service, "^ExecStart=(.+)$", RegexOptions.Multiline).Groups[1].Value.Split(' ');

        Assert.Equal(("/usr/bin/dotnet", ProgramFile), (start[0], Path.GetFileName(start[1])));
        Assert.Equal("/etc/presence/node.conf", HostArguments.Parse(start[2..], [])[HostOption.Config.Key]);
    }

    [Theory]
    [InlineData("Dockerfile")]
    [InlineData("packaging/presence-tracker.service")]
    [InlineData("docs/OPERATIONS.md")]
    public void The_variables_that_are_named_are_options(string file)
    {
        var named = Variable().Matches(Repository.Read(file)).Select(variable => variable.Value).Distinct();

        Assert.Equal([], named.Except(HostOption.All.Select(option => option.Variable)));
    }

    private static string ProgramFile => Path.GetFileName(typeof(HostProgram).Assembly.Location);

    [GeneratedRegex(@"^COPY (?!--from)(?<source>\S+) \S+$", RegexOptions.Multiline)]
    private static partial Regex CopyFromContext();

    // Three dots stand for any option.
    [GeneratedRegex(@"PRESENCE_[A-Z]\w*")]
    private static partial Regex Variable();
}
