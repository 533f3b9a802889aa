namespace PresenceTracker.Protocol.Identity;

/// <summary>A node: the address it advertises and the incarnation of the process there.</summary>
/// <param name="Address">The advertised <c>host:port</c>, exactly as peers must spell it.</param>
/// <param name="Incarnation">Which life of the process at that address.</param>
public sealed record NodeId(string Address, Incarnation Incarnation) : IComparable<NodeId>
{
    public int CompareTo(NodeId? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byAddress = string.CompareOrdinal(Address, other.Address);
        return byAddress != 0 ? byAddress : Incarnation.CompareTo(other.Incarnation);
    }

    /// <summary>Whether this is a later life of the process at the same address.</summary>
    public bool Supersedes(NodeId other) => Address == other.Address && Incarnation > other.Incarnation;

    public override string ToString() => $"{Address}#{Incarnation}";
}
