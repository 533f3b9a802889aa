using System.Collections.Immutable;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Network;

/// <summary>What is broadcast: cores carry it as bytes, which here are the number under which it is kept.</summary>
internal sealed class SimulatedPayloads
{
    private readonly List<Envelope> _kept = [];

    public ImmutableArray<byte> Put(Envelope envelope)
    {
        _kept.Add(envelope);
        return [.. BitConverter.GetBytes(_kept.Count - 1)];
    }

    /// <summary>What each receiver decodes: equal, but no object of the sender is in it.</summary>
    public Envelope Get(ImmutableArray<byte> payload) => _kept[BitConverter.ToInt32(payload.AsSpan())].Copy();
}
