using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Lines over one horizontal axis.</summary>
/// <param name="Name">Of its file.</param>
internal sealed record Plot(string Name, string Title, PlotAxis Horizontal, PlotAxis Vertical, ImmutableArray<PlotLine> Lines);
