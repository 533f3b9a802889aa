using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>One probe: of whom, through whom, and what has come back.</summary>
internal sealed class ProbeRound(ulong token, NodeId target)
{
    private readonly SortedSet<string> _helpers = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _nacks = new(StringComparer.Ordinal);

    public ulong Token { get; } = token;

    public NodeId Target { get; } = target;

    /// <summary>Whether the target has answered, directly or through a helper.</summary>
    public bool IsAcknowledged { get; private set; }

    public bool HasHelpers => _helpers.Count > 0;

    /// <summary>How many helpers have said nothing at all.</summary>
    public int MissedNacks => _helpers.Count - _nacks.Count;

    public void AskedForHelp(string address) => _helpers.Add(address);

    /// <summary>Whether the answer is the first to this probe.</summary>
    public bool Acknowledge(ulong answered, NodeId by)
    {
        var isAnswer = !IsAcknowledged && answered == Token && (by == Target || _helpers.Contains(by.Address));
        IsAcknowledged |= isAnswer;
        return isAnswer;
    }

    public void Nacked(ulong answered, string by)
    {
        if (answered == Token && _helpers.Contains(by)) _nacks.Add(by);
    }
}
