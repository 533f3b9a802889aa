using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using PresenceTracker.Tests.Style;
using Xunit;

namespace PresenceTracker.Tests.Readme;

/// <summary>What the README shows as a whole program is one.</summary>
public sealed partial class ReadmeSampleTests
{
    private const int SampleLinesMax = 10;

    // What the SDK gives a console project.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly string[] Samples =
        [.. CSharpBlock().Matches(Repository.Read("README.md").ReplaceLineEndings("\n")).Select(block => block.Groups[1].Value)];

    // A block without usings is a piece of somebody's program.
    public static TheoryData<int> WholePrograms =>
        [.. Enumerable.Range(0, Samples.Length).Where(index => Samples[index].StartsWith("using ", StringComparison.Ordinal))];

    [Fact]
    public void The_first_sample_is_a_whole_program_of_ten_lines()
    {
        Assert.StartsWith("using ", Samples[0], StringComparison.Ordinal);
        Assert.InRange(Samples[0].Split('\n').Count(line => line.Trim().Length > 0), 1, SampleLinesMax);
    }

    [Theory]
    [MemberData(nameof(WholePrograms))]
    public void A_whole_program_compiles(int sample) => Assert.Empty(Compile(Samples[sample]));

    [Fact]
    public void A_program_that_is_wrong_does_not_compile() =>
        Assert.Contains(Compile(Samples[0] + "\nnode.Tracker.NoSuchMethod();"), fault => fault.Contains("NoSuchMethod", StringComparison.Ordinal));

    private static IEnumerable<string> Compile(string program)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "Sample",
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(program)],
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        return compilation.GetDiagnostics().Where(fault => fault.Severity >= DiagnosticSeverity.Warning).Select(fault => fault.ToString());
    }

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CSharpBlock();
}
