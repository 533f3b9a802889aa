using Xunit;

namespace PresenceTracker.Tests.Cluster;

/// <summary>
/// Tests that start programs and measure nothing: one after the other, so that few programs run at a time, but beside other tests. They mostly
/// wait, and the processors are free for those.
/// </summary>
[CollectionDefinition(Name)]
public sealed class PatientProcessCollection
{
    public const string Name = "patient processes";
}
