using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>What came of a measurement.</summary>
/// <param name="Figures">What has a bar or an anchor beside it.</param>
/// <param name="Tables">What stands behind the figures.</param>
internal sealed record MeasurementReport(ImmutableArray<Figure> Figures, ImmutableArray<ResultTable> Tables, ImmutableArray<Plot> Plots)
{
    /// <summary>Sentences that belong to the figures.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    public bool IsMet => Figures.All(figure => figure.IsMet);
}
