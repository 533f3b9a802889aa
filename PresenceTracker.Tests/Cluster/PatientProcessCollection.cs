using Xunit;

namespace PresenceTracker.Tests.Cluster;

/// <summary>
/// Tests that start processes and measure nothing: one after the other, so that there is one cluster of processes at a time, but beside the
/// tests that start none. They mostly wait, and the processors are free for those.
/// </summary>
[CollectionDefinition(Name)]
public sealed class PatientProcessCollection
{
    public const string Name = "patient processes";
}
