namespace PresenceTracker.Simulator.Mutants;

/// <summary>One change of one file.</summary>
/// <param name="File">Relative to the root of the repository.</param>
/// <param name="Text">What is replaced; stands in the file exactly once.</param>
internal sealed record SourceEdit(string File, string Text, string Replacement)
{
    /// <summary>How often the text stands in a source.</summary>
    public int CountIn(string source) => source.Split(Text).Length - 1;
}
