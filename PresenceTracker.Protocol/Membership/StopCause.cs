namespace PresenceTracker.Protocol.Membership;

/// <summary>Why a node cannot be part of its cluster. Closed.</summary>
public abstract record StopCause
{
    private StopCause()
    {
    }

    /// <summary>The cluster has another setting, and was there first.</summary>
    /// <param name="Setting">One of <see cref="SettingName"/>, unless the peer is of a later version.</param>
    /// <param name="Expected">The value of the peer; from the wire, so not to be trusted.</param>
    /// <param name="Actual">This node's value, as the peer has read it.</param>
    /// <param name="Peer">Who refused this node, as far as known.</param>
    public sealed record SettingDiffers(string Setting, string Expected, string Actual, string? Peer) : StopCause;

    /// <summary>Another live process advertises this node's address, and prevails.</summary>
    public sealed record AddressTaken(string Address) : StopCause;

    /// <summary>The cluster around the tracker has removed this node.</summary>
    public sealed record Expelled(string Address) : StopCause;
}
