using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Simulator.Faults;

/// <summary>When which fault begins. Each kind that the seed has drawn comes again and again, until all is calm.</summary>
internal sealed class FaultSchedule
{
    private readonly SimulatedCluster _cluster;
    private readonly Prng _prng;
    private readonly NetworkFaults _network;
    private readonly ProcessFaults _processes;
    private bool _isCalm;

    public FaultSchedule(SimulatedCluster cluster, Prng prng)
    {
        _cluster = cluster;
        _prng = prng;
        _network = new NetworkFaults(cluster, prng.Fork());
        _processes = new ProcessFaults(cluster, prng.Fork(), () => _isCalm);
    }

    public void Start()
    {
        foreach (var kind in _cluster.Options.Faults)
        {
            ScheduleNext(kind);
        }
    }

    /// <summary>No more faults: the network works, and everybody goes on.</summary>
    public void Calm()
    {
        _isCalm = true;
        _cluster.Trace.Write("all is calm");
        _cluster.Network.Calm();
        _processes.Calm();
    }

    /// <summary>Starts a process at each address that has none and shall have one.</summary>
    public void StartMissing() => _processes.StartMissing();

    private void ScheduleNext(FaultKind kind) => _cluster.Events.After(_prng.Exponential(_cluster.Options.FaultGap), () =>
    {
        if (_isCalm)
        {
            return;
        }

        if (_network.TryBegin(kind) || _processes.TryBegin(kind))
        {
            _cluster.Marks.Add(kind);
            _cluster.Trace.Write($"fault: {kind}");
        }

        ScheduleNext(kind);
    });
}
