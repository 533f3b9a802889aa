using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Style;

/// <summary>What a reader relies on, and a reviewer should not have to look for.</summary>
public sealed partial class TidyTests
{
    private const int FileLinesMax = 400;
    private const int ActorFileLinesMax = 200;
    private const int MethodLinesMax = 70;

    private static readonly string[] Files = [.. Repository.SourceFiles()];

    [Fact]
    public void The_files_are_found()
    {
        Assert.Contains("PresenceTracker/Tracker.cs", Files);
        Assert.Contains("PresenceTracker.Protocol/Replication/PresenceSet.cs", Files);
        Assert.Contains("PresenceTracker.Tests/Style/TidyTests.cs", Files);
    }

    [Fact]
    public void No_file_is_longer_than_400_lines() => None(LongerThan(FileLinesMax, Files));

    [Fact]
    public void No_file_of_an_actor_is_longer_than_200_lines()
    {
        var actors = Files.Where(file => file.StartsWith("PresenceTracker/Actors/", StringComparison.Ordinal)
            || (file.StartsWith("PresenceTracker/", StringComparison.Ordinal)
                && Repository.Read(file).Contains(": ReceiveActor", StringComparison.Ordinal))).ToList();

        Assert.Contains("PresenceTracker/Actors/ShardActor.cs", actors);
        Assert.Contains("PresenceTracker/Gateway/GatewayActor.cs", actors);
        None(LongerThan(ActorFileLinesMax, actors));
    }

    [Fact]
    public void No_method_is_longer_than_70_lines() => None(
        from file in Files
        from method in Parse(file).DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
        let span = method.GetLocation().GetLineSpan()
        let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
        where lines > MethodLinesMax
        select $"{file}:{span.StartLinePosition.Line + 1} has {lines} lines");

    [Fact]
    public void Each_file_has_one_type_and_its_name() => None(
        from file in Files
        let types = Parse(file).DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>().Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax).ToList()
        where types.Count > 1 || (types is [BaseTypeDeclarationSyntax only] && only.Identifier.Text != Path.GetFileNameWithoutExtension(file).Split('{')[0])
        select $"{file} declares {types.Count} types, or one of another name");

    [Fact]
    public void Nothing_is_left_for_later() => None(
        from file in Files
        let words = Unfinished().Matches(Repository.Read(file))
        where words.Count > 0
        select $"{file} says {words[0].Value}");

    [Fact]
    public void No_test_sleeps() => None(
        from file in Files
        where file.StartsWith("PresenceTracker.Tests/", StringComparison.Ordinal)
        from call in Parse(file).DescendantNodes().OfType<MemberAccessExpressionSyntax>()
        where call.ToString() is "Thread.Sleep" or "Task.Delay"
        select $"{file}:{call.GetLocation().GetLineSpan().StartLinePosition.Line + 1} calls {call}");

    [Fact]
    public void The_core_stands_on_the_base_library_and_a_hash_alone()
    {
        var baseLibrary = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var references = typeof(PresenceSet).Assembly.GetReferencedAssemblies().Select(name => name.Name!).ToList();

        Assert.Contains("System.IO.Hashing", references);
        Assert.All(references, name => Assert.True(
            name == "System.IO.Hashing" || File.Exists(Path.Combine(baseLibrary, name + ".dll")), $"the core references {name}"));
        Assert.DoesNotContain(references, name => name.StartsWith("System.Net", StringComparison.Ordinal));
    }

    private static IEnumerable<string> LongerThan(int lines, IEnumerable<string> files) =>
        from file in files
        let count = Repository.Read(file).Count(character => character == '\n')
        where count > lines
        select $"{file} has {count} lines";

    private static void None(IEnumerable<string> faults)
    {
        var found = faults.ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static CompilationUnitSyntax Parse(string file) => CSharpSyntaxTree.ParseText(Repository.Read(file)).GetCompilationUnitRoot();

    // Written so that this file does not find itself.
    [GeneratedRegex("TO[D]O|TB[D]|FIXM[E]|HAC[K]")]
    private static partial Regex Unfinished();
}
