using Xunit;

namespace PresenceTracker.Tests.Cluster;

/// <summary>
/// Tests that start processes or measure times: one after the other, and not beside any other test, so that what they measure is the
/// product and not the load of the rest.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessCollection
{
    public const string Name = "processes";
}
