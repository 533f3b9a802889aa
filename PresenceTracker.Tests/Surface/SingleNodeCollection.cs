using Xunit;

namespace PresenceTracker.Tests.Surface;

[CollectionDefinition(Name)]
public sealed class SingleNodeCollection : ICollectionFixture<SingleNode>
{
    public const string Name = "single node";
}
