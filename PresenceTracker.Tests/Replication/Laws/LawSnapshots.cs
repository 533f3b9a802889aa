using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>What the nodes of a world wrote without ever talking to each other, as they would have told it at different times.</summary>
internal sealed class LawSnapshots
{
    private readonly LawWorld _world;
    private readonly SortedDictionary<ReplicaId, List<ImmutableArray<Dots>>> _snapshots = [];
    private readonly List<Dots> _messages = [];
    private LawClass _seen;

    public LawSnapshots(LawScenario scenario)
    {
        _world = new LawWorld(scenario);
        foreach (var history in Histories)
        {
            _snapshots[history.Replica] = [[]];
        }

        _world.Run(Take);
    }

    /// <summary>The snapshots, and deltas and chunks from anywhere.</summary>
    public IEnumerable<Dots> Messages => _messages;

    public LawClass Seen => _seen | _world.Seen;

    private List<ReplicaHistory> Histories => [.. _world.Nodes.Select(node => node.History)];

    public LawState NewState() => new(Histories, _world.Options, seen => _seen |= seen);

    /// <summary>A state that holds each replica as of one of its snapshots.</summary>
    public LawState StateAt(IEnumerable<int> choices)
    {
        var state = NewState();
        foreach (var (taken, choice) in _snapshots.Values.Zip(choices))
        {
            foreach (var part in taken[choice % taken.Count])
            {
                state.Apply(part);
            }
        }

        return state;
    }

    private void Take(LawNode node, LawStep step)
    {
        var whole = Serve(node, new PullPosition(0, 0, 0));
        _snapshots[node.Set.Self].Add(whole);
        _messages.AddRange(whole);
        var from = (ulong)step.Choice % (node.Set.Context + 1);
        _messages.AddRange(Serve(node, new PullPosition(from, (ulong)step.Peer % (from + 1), 0)));
    }

    private ImmutableArray<Dots> Serve(LawNode node, PullPosition position)
    {
        var parts = node.Set.Serve(node.Set.Self, position, int.MaxValue);
        _seen |= LawSizes.Of(parts, position.Context, node.Set.Context, node.History, _world.Options);
        return parts;
    }
}
