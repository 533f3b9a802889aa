using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Measurements;

/// <param name="Caption">What the rows are.</param>
internal sealed record ResultTable(string Caption, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows);
