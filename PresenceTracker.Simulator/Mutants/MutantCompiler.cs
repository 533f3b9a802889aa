using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>Compiles the cores and the simulator anew, with the edits of a mutant. What is not edited is read and parsed once.</summary>
internal sealed class MutantCompiler(SourceTree sources)
{
    public const string Protocol = "PresenceTracker.Protocol";
    public const string Simulator = "PresenceTracker.Simulator";

    // What the SDK adds to each project of ours.
    private const string Implicit = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // Who drives the runs does not run in them.
    private static readonly ImmutableArray<string> Drivers =
        [$"{Simulator}/Commands/", $"{Simulator}/Measurements/", $"{Simulator}/Mutants/", $"{Simulator}/Program.cs"];

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest);

    private readonly SortedDictionary<string, SyntaxTree> _parsed = new(StringComparer.Ordinal);
    private readonly ImmutableArray<PortableExecutableReference> _references =
    [
        .. from path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
           where !Path.GetFileName(path).StartsWith("PresenceTracker", StringComparison.Ordinal)
           select MetadataReference.CreateFromFile(path),
    ];

    /// <summary>The cores and the simulator with those edits, loaded beside this program's own.</summary>
    /// <exception cref="InvalidOperationException">A text to be replaced does not stand in its file exactly once, or what came of it does not compile.</exception>
    public MutantAssemblies Compile(ImmutableArray<SourceEdit> edits)
    {
        foreach (var edit in edits.Where(edit => edit.CountIn(sources.Read(edit.File)) != 1))
        {
            throw new InvalidOperationException($"stands not exactly once in {edit.File}: {edit.Text}");
        }

        var protocol = Compile(Protocol, edits, _references);
        var simulator = Compile(Simulator, edits, [.. _references, protocol.ToMetadataReference()]);
        return new MutantAssemblies([Emit(protocol), Emit(simulator)]);
    }

    private static byte[] Emit(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        return result.Success
            ? image.ToArray()
            : throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error)));
    }

    private CSharpCompilation Compile(string project, ImmutableArray<SourceEdit> edits, IEnumerable<MetadataReference> references)
    {
        var trees =
            from file in sources.FilesOf(project)
            where !Drivers.Any(driver => file.StartsWith(driver, StringComparison.Ordinal))
            let ofFile = edits.Where(edit => edit.File == file).ToList()
            select ofFile.Count == 0 ? Parsed(file) : Parse(file, ofFile.Aggregate(sources.Read(file), Apply));
        var implicitly = CSharpSyntaxTree.ParseText(
            $"{Implicit}\n[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"{Simulator}\")]", ParseOptions);
        return CSharpCompilation.Create(
            project,
            [.. trees, implicitly],
            references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
    }

    private SyntaxTree Parsed(string file)
    {
        if (!_parsed.TryGetValue(file, out var tree))
        {
            _parsed[file] = tree = Parse(file, sources.Read(file));
        }

        return tree;
    }

    private static string Apply(string source, SourceEdit edit) => source.Replace(edit.Text, edit.Replacement, StringComparison.Ordinal);

    private static SyntaxTree Parse(string file, string text) => CSharpSyntaxTree.ParseText(text, ParseOptions, file);
}
