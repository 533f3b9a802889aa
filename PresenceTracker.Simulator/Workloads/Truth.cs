using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Workloads;

/// <summary>Every ref that any node has ever given out and what became of it there: what the others may show is measured by it.</summary>
internal sealed class Truth
{
    private readonly SortedDictionary<string, TruthEntry> _byRef = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ulong, SortedDictionary<PresenceId, string>> _current = [];

    public TruthEntry? Find(string @ref) => _byRef.GetValueOrDefault(@ref);

    /// <summary>The ref under which the node lists the presence; null if it does not.</summary>
    public string? RefOf(SimulatedNode node, PresenceId id) => CurrentOf(node).GetValueOrDefault(id);

    public void Written(SimulatedNode node, WriteOperation operation, WriteResult result)
    {
        switch (result.Result.Status)
        {
            case TrackStatus.Tracked when operation is WriteOperation.Track:
                Begun(node, result.Presence!);
                break;
            case TrackStatus.Updated:
                var previous = RefOf(node, operation.Id);
                var next = Begun(node, result.Presence!);
                if (previous is not null)
                {
                    _byRef[previous].Next = next;
                }

                break;
            case TrackStatus.Untracked:
                Ended(node, operation.Id);
                break;
            default:
                break;
        }
    }

    /// <summary>The node has ended what it had under that id, if it had anything.</summary>
    public void Ended(SimulatedNode node, PresenceId id)
    {
        if (CurrentOf(node).Remove(id, out var @ref))
        {
            _byRef[@ref].HasEnded = true;
        }
    }

    private TruthEntry Begun(SimulatedNode node, Presence presence)
    {
        Ended(node, presence.Id);
        var entry = new TruthEntry(node, presence);
        _byRef.Add(presence.Ref, entry);
        CurrentOf(node)[presence.Id] = presence.Ref;
        return entry;
    }

    private SortedDictionary<PresenceId, string> CurrentOf(SimulatedNode node)
    {
        if (!_current.TryGetValue(node.ProcessId, out var current))
        {
            _current[node.ProcessId] = current = new SortedDictionary<PresenceId, string>(PresenceIdOrder.Instance);
        }

        return current;
    }
}
