using PresenceTracker.Configuration;

namespace PresenceTracker.Errors;

/// <summary>The tracker has stopped because another live process advertises this node's address.</summary>
public sealed class AddressTakenException(string address)
    : TrackerStoppedException($"another process advertises {address} (options: {PresenceConfig.AdvertisedAddressOptions})")
{
    /// <summary>As <c>host:port</c>.</summary>
    public string Address { get; } = address;

    /// <summary>Where the address is set, host and port.</summary>
    public string Option { get; } = PresenceConfig.AdvertisedAddressOptions;
}
