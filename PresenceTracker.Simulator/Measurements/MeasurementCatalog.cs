using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Every measurement, in the order of the page.</summary>
internal static class MeasurementCatalog
{
    public static ImmutableArray<Measurement> All { get; } =
    [
        new ConvergenceMeasurement(),
    ];
}
