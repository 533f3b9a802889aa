namespace PresenceTracker.Protocol.Overlay;

/// <summary>How much a node depends on being taken as a neighbour.</summary>
public enum NeighborPriority
{
    /// <summary>It has others: it is taken only where there is room.</summary>
    Low = 0,

    /// <summary>It has none: room is made for it.</summary>
    High = 1,
}
