namespace PresenceTracker.Simulator.Nodes;

/// <summary>A message between two nodes, under way.</summary>
internal abstract record Envelope(SimulatedNode From)
{
    public abstract ActorName To { get; }

    /// <summary>What the receiver decodes: equal, but no object of the sender is in it.</summary>
    public abstract Envelope Copy();
}
