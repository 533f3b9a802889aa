using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Measurements;

/// <param name="Color">Which of the plot's colours: lines that belong together share one.</param>
/// <param name="IsAnchor">Whether it shows what was measured elsewhere; it is dashed then.</param>
internal sealed record PlotLine(string Label, int Color, bool IsAnchor, ImmutableArray<(double X, double Y)> Points);
