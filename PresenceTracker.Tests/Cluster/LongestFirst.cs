using Xunit;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer(PresenceTracker.Tests.Cluster.LongestFirst.TypeName, "PresenceTracker.Tests")]

namespace PresenceTracker.Tests.Cluster;

/// <summary>Starts the collection that takes longest before those that run beside it, so that nobody waits for it alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    internal const string TypeName = "PresenceTracker.Tests.Cluster.LongestFirst";

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.DisplayName == PatientProcessCollection.Name ? 0 : 1).ThenBy(collection => collection.DisplayName);
}
