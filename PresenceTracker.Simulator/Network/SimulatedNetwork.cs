using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Protocol.Topology;
using PresenceTracker.Simulator.Faults;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Network;

/// <summary>
/// Every ordered pair of addresses is a link that delays, loses, repeats, reorders, holds back and cuts. Whoever is at the address when a
/// message arrives gets it; two processes at one address get it both.
/// </summary>
internal sealed class SimulatedNetwork
{
    private const double SkewMax = 30;

    private readonly SimulatedCluster _cluster;
    private readonly Prng _prng;
    private readonly SortedDictionary<string, int> _slots = new(StringComparer.Ordinal);
    private readonly int[,] _cuts;
    private readonly double[,] _skew;
    private readonly MonotonicTime[,] _lastArrival;
    private readonly MonotonicTime[,] _heldUntil;
    private bool _isCalm;

    public SimulatedNetwork(SimulatedCluster cluster, Prng prng)
    {
        _cluster = cluster;
        _prng = prng;
        var nodes = cluster.Options.Nodes;
        _cuts = new int[nodes, nodes];
        _skew = new double[nodes, nodes];
        _lastArrival = new MonotonicTime[nodes, nodes];
        _heldUntil = new MonotonicTime[nodes, nodes];
        for (var from = 0; from < nodes; from++)
        {
            _slots[SimulatedCluster.AddressOf(from)] = from;
            for (var to = 0; to < nodes; to++)
            {
                _skew[from, to] = Has(FaultKind.SkewedDelay) && prng.Chance(0.3) ? prng.Between(1, SkewMax) : 1;
            }
        }
    }

    public void Send(SimulatedNode from, string address, Envelope envelope)
    {
        if (!_slots.TryGetValue(address, out var to))
        {
            return;
        }

        if (_cuts[from.Slot, to] > 0)
        {
            _cluster.Marks.Add("message cut off");
            return;
        }

        if (!_isCalm && _prng.Chance(_cluster.Options.Loss))
        {
            _cluster.Marks.Add(FaultKind.Loss);
            return;
        }

        Dispatch(from, to, envelope);
        if (!_isCalm && _prng.Chance(_cluster.Options.Duplication))
        {
            _cluster.Marks.Add(FaultKind.Duplication);
            Dispatch(from, to, envelope);
        }
    }

    /// <summary>Nothing that is sent from one slot to the other arrives any more; cuts of a link add up.</summary>
    public void Cut(int from, int to) => _cuts[from, to]++;

    public void Mend(int from, int to) => _cuts[from, to] = Math.Max(0, _cuts[from, to] - 1);

    /// <summary>What is sent over the link is held back until then.</summary>
    public void Hold(int from, int to, MonotonicTime until) => _heldUntil[from, to] = until;

    /// <summary>No fault any more; what is under way still arrives.</summary>
    public void Calm()
    {
        _isCalm = true;
        Array.Clear(_cuts);
        Array.Clear(_heldUntil);
        for (var from = 0; from < _cluster.Options.Nodes; from++)
        {
            for (var to = 0; to < _cluster.Options.Nodes; to++)
            {
                _skew[from, to] = 1;
            }
        }
    }

    private void Dispatch(SimulatedNode from, int to, Envelope envelope)
    {
        var options = _cluster.Options;
        var now = _cluster.Events.Now;
        var arrival = now + ((options.DelayMin + _prng.Exponential(options.DelayMean)) * _skew[from.Slot, to]);
        if (_skew[from.Slot, to] > 1)
        {
            _cluster.Marks.Add(FaultKind.SkewedDelay);
        }

        if (_heldUntil[from.Slot, to] > arrival)
        {
            arrival = _heldUntil[from.Slot, to];
        }

        if (_lastArrival[from.Slot, to] > arrival)
        {
            if (!_isCalm && Has(FaultKind.Reordering))
            {
                _cluster.Marks.Add(FaultKind.Reordering);
            }
            else
            {
                arrival = _lastArrival[from.Slot, to];
            }
        }

        _lastArrival[from.Slot, to] = _lastArrival[from.Slot, to] > arrival ? _lastArrival[from.Slot, to] : arrival;
        from.UnderWay++;
        _cluster.Events.At(arrival, () => Arrive(to, envelope));
    }

    private void Arrive(int slot, Envelope envelope)
    {
        envelope.From.UnderWay--;
        var receivers = _cluster.At(slot);
        if (receivers.Count == 0 && _cluster.Options.RefusesConnections && envelope.From.IsAlive)
        {
            _cluster.Marks.Add("connection refused");
            envelope.From.Tell(ActorName.Monitor, new MembershipInput.PeerUnreachable(SimulatedCluster.AddressOf(slot)));
            envelope.From.Tell(ActorName.Overlay, new TopologyInput.PeerUnreachable(SimulatedCluster.AddressOf(slot)));
        }

        foreach (var node in receivers)
        {
            envelope.From.UnderWay++;
            node.Take(envelope.Copy());
        }
    }

    private bool Has(FaultKind kind) => _cluster.Options.Faults.Contains(kind);
}
