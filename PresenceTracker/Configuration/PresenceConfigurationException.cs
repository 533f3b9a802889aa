using System.Collections.Immutable;
using PresenceTracker.Errors;

namespace PresenceTracker.Configuration;

/// <summary>The configuration cannot be used, and nothing was started. Names every fault, so that one start is enough to find them all.</summary>
public sealed class PresenceConfigurationException(ImmutableArray<ConfigurationFault> faults)
    : PresenceException("the configuration cannot be used: " + string.Join("; ", faults))
{
    public ImmutableArray<ConfigurationFault> Faults { get; } = faults;
}
