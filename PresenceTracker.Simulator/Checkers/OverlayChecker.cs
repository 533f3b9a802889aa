using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Protocol.Topology;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Checkers;

/// <summary>
/// Views are bounded and hold no node twice, nor the node itself; a request is given up by its own timer only. At rest each link has two ends; and
/// a broadcast comes to all that links lead to, mostly by the tree, without being asked for.
/// </summary>
internal sealed class OverlayChecker : Checker
{
    // A node that says that it drops another, and that one, see the link differently while the message is under way.
    private static readonly TimeSpan OneWayMax = TimeSpan.FromSeconds(1.5);

    private readonly SortedDictionary<(ulong From, NodeId To), ulong> _lastRequests = [];
    private readonly SortedDictionary<(ulong From, NodeId To), MonotonicTime> _oneWaySince = [];
    private readonly SortedDictionary<ulong, List<bool>> _trials = [];
    private readonly SortedSet<ulong> _reached = [];
    private ulong? _staleAt;
    private SimulatedNode? _trialOf;
    private bool _isAtRest;
    private bool _isRepaired;

    public override string Rule => "the overlay is symmetric, and its tree carries";

    public override void OverlayGiven(SimulatedNode node, TopologyInput input)
    {
        if (input is TopologyInput.TimerFired(TopologyTimer.OfOverlay(var counter, OverlayTimer.RequestOverdue overdue))
            && counter == node.Overlay!.Self.Incarnation.Counter
            && _lastRequests.GetValueOrDefault((node.ProcessId, overdue.Peer)) != overdue.Token)
        {
            _staleAt = node.ProcessId;
        }
    }

    public override void OverlaySent(SimulatedNode node, NodeId to, OverlayMessage message)
    {
        switch (message)
        {
            case OverlayMessage.Join join:
                _lastRequests[(node.ProcessId, to)] = join.Token;
                break;
            case OverlayMessage.NeighborRequest request:
                _lastRequests[(node.ProcessId, to)] = request.Token;
                break;
            case OverlayMessage.Disconnect when _staleAt == node.ProcessId:
                throw Breach($"{node} gives up its request to {to} when the timer of an earlier one is due");
        }
    }

    public override void OverlayHandled(SimulatedNode node)
    {
        _staleAt = null;
        var overlay = node.Overlay!;
        var options = node.Options.Topology.Overlay;
        if (overlay.ActiveView.Count > options.ActiveMax || overlay.PassiveView.Count > options.PassiveMax)
        {
            throw Breach($"{node} has {overlay.ActiveView.Count} neighbours and remembers {overlay.PassiveView.Count}");
        }

        RequireOthers(node, overlay.ActiveView);
        RequireOthers(node, overlay.PassiveView);

        // The next life of a neighbour may be known before it has spoken.
        if (overlay.ActiveView.Intersect(overlay.PassiveView).FirstOrDefault() is { } both) throw Breach($"{node} has its neighbour {both} in its passive view");
    }

    public override void BroadcastSent(SimulatedNode node, BroadcastMessage message) => _isRepaired |= message is BroadcastMessage.Graft { Missing: not null };

    public override void BroadcastDelivered(SimulatedNode node, SimulatedNode from)
    {
        if (from == _trialOf) _reached.Add(node.ProcessId);
    }

    public override void RestBegan(SimulatedCluster cluster) => _isAtRest = true;

    public override void TimePassed(SimulatedCluster cluster)
    {
        if (!_isAtRest) return;

        var oneWay = new SortedSet<(ulong From, NodeId To)>();
        foreach (var node in cluster.Running)
        {
            foreach (var neighbor in node.Overlay?.ActiveView ?? [])
            {
                var isHeld = Find(cluster, neighbor)?.Overlay!.ActiveView.Contains(node.Overlay!.Self) == true;
                if (!isHeld) oneWay.Add((node.ProcessId, neighbor));
            }
        }

        foreach (var gone in _oneWaySince.Keys.Where(link => !oneWay.Contains(link)).ToArray())
        {
            _oneWaySince.Remove(gone);
        }

        foreach (var link in oneWay)
        {
            if (!_oneWaySince.TryGetValue(link, out var since))
            {
                _oneWaySince[link] = cluster.Events.Now;
            }
            else if (cluster.Events.Now - since > OneWayMax)
            {
                throw Breach($"{link.From:x} holds {link.To} as a neighbour since {since}, which does not hold it");
            }
        }
    }

    public override void TrialBegan(SimulatedNode origin)
    {
        _trialOf = origin;
        _isRepaired = false;
        _reached.Clear();
        _reached.Add(origin.ProcessId);
    }

    public override void TrialEnded(SimulatedNode origin)
    {
        var linked = new SortedSet<ulong>();
        var open = new Queue<SimulatedNode>([origin]);
        while (open.TryDequeue(out var node))
        {
            if (!linked.Add(node.ProcessId)) continue;

            foreach (var neighbor in node.Overlay!.ActiveView)
            {
                if (Find(origin.Cluster, neighbor) is { } other) open.Enqueue(other);
            }
        }

        if (linked.Count < origin.Cluster.Running.Count()) origin.Cluster.Marks.Add("overlay in islands");
        if (!linked.IsSubsetOf(_reached)) throw Breach($"a broadcast of {origin} came to {_reached.Count} of the {linked.Count} nodes that links lead to");

        if (!_trials.TryGetValue(origin.ProcessId, out var repaired)) _trials[origin.ProcessId] = repaired = [];
        repaired.Add(_isRepaired);
    }

    public override void TrialsEnded()
    {
        // The first one may find out what the last fault has broken.
        foreach (var (origin, repaired) in _trials)
        {
            if (repaired.Skip(1).All(isRepaired => isRepaired))
            {
                throw Breach($"each of the last {repaired.Count - 1} broadcasts of {origin:x} had to be asked for somewhere, though no link had changed");
            }
        }
    }

    private void RequireOthers(SimulatedNode node, IReadOnlyList<NodeId> view)
    {
        var addresses = new SortedSet<string>(StringComparer.Ordinal) { node.Address };
        foreach (var known in view)
        {
            if (!addresses.Add(known.Address)) throw Breach($"{node} has {known} in a view twice, or is it itself");
        }
    }

    private static SimulatedNode? Find(SimulatedCluster cluster, NodeId id) => cluster.Running.FirstOrDefault(node => node.Overlay?.Self == id);
}
