namespace PresenceTracker.Tests.Cluster.Network;

/// <summary>How long a cut lasts: until this has come about on both sides.</summary>
public enum CutLength
{
    /// <summary>More was changed on each side than its operation logs hold; nobody needs to have noticed the cut.</summary>
    UntilChanged,

    /// <summary>Each side also holds the other for down.</summary>
    UntilDown,

    /// <summary>Each side has also purged the other.</summary>
    UntilRemoved,
}
