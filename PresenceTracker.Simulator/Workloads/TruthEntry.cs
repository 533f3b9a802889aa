using PresenceTracker.Protocol.Presences;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Workloads;

/// <summary>What its owner's node did with one ref.</summary>
internal sealed class TruthEntry(SimulatedNode node, Presence presence)
{
    public SimulatedNode Node { get; } = node;

    public Presence Presence { get; } = presence;

    /// <summary>Whether the owner's node has ended it, or given the presence another ref.</summary>
    public bool HasEnded { get; set; }

    /// <summary>What an update made of it; null if there was none.</summary>
    public TruthEntry? Next { get; set; }

    /// <summary>What became of it by updates.</summary>
    public TruthEntry Latest => Next?.Latest ?? this;
}
