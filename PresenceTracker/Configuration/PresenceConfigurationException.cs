using System.Collections.Immutable;

namespace PresenceTracker.Configuration;

/// <summary>The configuration cannot be used. Names every fault, so that one start is enough to find them all.</summary>
public sealed class PresenceConfigurationException(ImmutableArray<ConfigurationFault> faults)
    : Exception("the configuration cannot be used: " + string.Join("; ", faults))
{
    public ImmutableArray<ConfigurationFault> Faults { get; } = faults;
}
