using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Checkers;
using PresenceTracker.Simulator.Nodes;
using PresenceTracker.Simulator.Reports;

namespace PresenceTracker.Simulator;

/// <summary>
/// One run: first a phase with faults, in which nothing wrong may be shown; then no more faults, and all nodes must come to list the same,
/// stay so, and come to rest.
/// </summary>
internal sealed class Simulation
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    // What a node held that is down leaves 3 s later, a lost seed is tried each second; the rest is catching up.
    private static readonly TimeSpan CatchesUpWithin = TimeSpan.FromSeconds(20);

    // Rounds stop 2 s after the last change.
    private static readonly TimeSpan RestsAfter = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan TrialTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RestFor = TimeSpan.FromSeconds(4);

    private const int TrialsPerOrigin = 5;

    private readonly SimulatedCluster _cluster;
    private MonotonicTime _calmSince;
    private TimeSpan? _convergedAfter;
    private TimeSpan _nodeTime;

    private Simulation(SimulatedCluster cluster) => _cluster = cluster;

    // Two probes of a node are at most 2N - 1 periods apart, and the second may find that the first was lost. Before, whoever was slow itself
    // needs a success for each step back to its usual period. Then the longest suspicion.
    private TimeSpan DownWithin
    {
        get
        {
            var swim = _cluster.Options.Membership.Swim;
            var nodes = _cluster.Options.Nodes;
            // In an overlay a node that no neighbour is left of is found in one period of ten.
            var periods = _cluster.Options.IsOverlay ? 10 : 1;
            return (swim.ProtocolPeriod * ((2 * nodes * periods) + (swim.LocalHealthMax * (swim.LocalHealthMax + 1) / 2))) + swim.SuspicionMax(nodes);
        }
    }

    /// <param name="trace">Where the trace goes; null if it is only hashed.</param>
    public static RunReport Run(ulong seed, bool isTraced = false, TextWriter? trace = null)
    {
        var options = SwarmOptions.Draw(seed);
        var cluster = new SimulatedCluster(
            options,
            [
                new DiffChecker(), new GhostChecker(), new LostChecker(), new ResurrectionChecker(), new ContextChecker(), new MessageChecker(),
                new MemoryChecker(), new MembershipChecker(), new LeaseChecker(), new RestChecker(), new OverlayChecker(),
            ],
            isTraced,
            trace);
        return new Simulation(cluster).Run();
    }

    private RunReport Run()
    {
        string? failure = null;
        string? foundBy = null;
        try
        {
            Misbehave();
            Converge();
            Rest();
        }
        catch (CheckFailedException breach)
        {
            failure = breach.Message;
            foundBy = breach.By;
        }
        catch (Exception thrown) when (thrown is not OutOfMemoryException)
        {
            // A core has found its own state broken, or this program has: both end the run, and its seed tells which.
            failure = thrown.ToString();
            foundBy = thrown.GetType().Name;
        }

        if (failure is not null)
        {
            failure = $"at {_cluster.Events.Now}{(_calmSince > default(MonotonicTime) ? $", calm since {_calmSince}" : "")}: {failure}";
            _cluster.Trace.Write(failure);
        }

        return new RunReport(
            _cluster.Options, failure, foundBy, _convergedAfter, _nodeTime, _cluster.Events.HandledCount, _cluster.Marks, _cluster.Trace.Hash);
    }

    private void Misbehave()
    {
        _cluster.Trace.Write(_cluster.Options.ToString());
        for (var slot = 0; slot < _cluster.Options.Nodes; slot++)
        {
            var at = slot;
            _cluster.Events.After(StartsWithin * slot / _cluster.Options.Nodes, () => _cluster.StartNode(at));
        }

        _cluster.Faults.Start();
        _cluster.Workload.Start();
        Pass(StartsWithin + _cluster.Options.FaultyTime, Second);
        _cluster.Workload.Stop();
        _cluster.Faults.Calm();
        _calmSince = _cluster.Events.Now;
    }

    private void Converge()
    {
        // Who was asked to leave while it stood still has a moment to do so.
        Pass(PollInterval, PollInterval);
        var missing = "not looked at";
        while (_cluster.Events.Now - _calmSince < DownWithin + CatchesUpWithin)
        {
            _cluster.Faults.StartMissing();
            Pass(PollInterval, PollInterval);
            missing = Convergence.Missing(_cluster);
            if (missing is null)
            {
                _convergedAfter = _cluster.Events.Now - _calmSince;
                _cluster.Trace.Write("all list the same");
                return;
            }
        }

        throw new CheckFailedException(nameof(Convergence), "all nodes come to list the same", missing!);
    }

    private void Rest()
    {
        // A node that was down last is purged by then, and its replicas have left the digests.
        var purged = _cluster.Options.Membership.RemovedAfter + (2 * Second) + RestsAfter;
        var settled = _cluster.Events.Now;
        while (_cluster.Events.Now - settled < purged)
        {
            // What was said before the last fault may come late, also the first word of one who is gone by now; and whoever is slow itself takes
            // long to hear that it was refuted. Who is doubted is asked for its digest each second.
            if (IsUnsettled(_cluster.Events.Now - _calmSince, purged))
            {
                settled = _cluster.Events.Now;
            }

            Pass(Second, Second);
        }

        _cluster.Check(checker => checker.RestBegan(_cluster));
        Pass(RestFor, Second);
        _cluster.Check(checker => checker.AtRest(_cluster));
        TryTree();
        if (Convergence.Missing(_cluster) is { } missing)
        {
            throw new CheckFailedException(nameof(Convergence), "what all list stays so", missing);
        }
    }

    /// <summary>Whether a node holds one as alive that is gone, or doubts one that lives; fails once it has had its time.</summary>
    private bool IsUnsettled(TimeSpan calmFor, TimeSpan purged)
    {
        var undead = Convergence.Undead(_cluster);
        if (undead is not null && calmFor > DownWithin + CatchesUpWithin)
        {
            throw new CheckFailedException(nameof(Convergence), "who is gone is down in time", undead);
        }

        var doubted = Convergence.Doubted(_cluster);
        if (doubted is not null && calmFor > purged + DownWithin + CatchesUpWithin)
        {
            throw new CheckFailedException(nameof(Convergence), "who lives is trusted in time", doubted);
        }

        return undead is not null || doubted is not null;
    }

    /// <summary>Where all nodes speak to neighbours only, two of them broadcast what changes nothing, again and again.</summary>
    private void TryTree()
    {
        var nodes = _cluster.Running.ToList();
        if (nodes.Count < 2 || !nodes.TrueForAll(node => node.Overlay is { IsPartial: true })) return;

        foreach (var origin in new[] { nodes[0], nodes[^1] })
        {
            for (var trial = 0; trial < TrialsPerOrigin; trial++)
            {
                _cluster.Check(checker => checker.TrialBegan(origin));
                var nothing = new MembershipMessage.Announcement(origin.Monitor.Self, []);
                origin.Tell(ActorName.Overlay, new MembershipEffect.Broadcast(nothing));
                Pass(TrialTime, Second);
                _cluster.Check(checker => checker.TrialEnded(origin));
            }
        }

        _cluster.Check(checker => checker.TrialsEnded());
    }

    private void Pass(TimeSpan span, TimeSpan step)
    {
        var end = _cluster.Events.Now + span;
        while (_cluster.Events.Now < end)
        {
            var next = _cluster.Events.Now + step;
            _cluster.Events.RunUntil(next < end ? next : end);
            _nodeTime += step * _cluster.Running.Count();
            _cluster.Check(checker => checker.TimePassed(_cluster));
        }
    }
}
