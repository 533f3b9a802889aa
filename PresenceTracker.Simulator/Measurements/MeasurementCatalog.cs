using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Every measurement, in the order of the page.</summary>
internal static class MeasurementCatalog
{
    public static ImmutableArray<Measurement> All { get; } =
    [
        new ConvergenceMeasurement(),
        new BroadcastMeasurement(),
        new RedundancyMeasurement(),
        new EqualStatesMeasurement(),
        new MetadataMeasurement(),
        new MessageSizeMeasurement(),
        new ChangeSizeMeasurement(),
        new DetectionMeasurement(),
        new IdleMeasurement(),
        new PauseMeasurement(),
        new ClockMeasurement(),
        new BadNodeMeasurement(),
        new OverlayMeasurement(),
        new TreeMeasurement(),
        new LifeguardMeasurement(),
    ];
}
