using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Faults;

/// <summary>Crashes, restarts, pauses and whatever else befalls a process.</summary>
internal sealed class ProcessFaults(SimulatedCluster cluster, Prng prng, Func<bool> isCalm)
{
    // The third crash within ten seconds would leave a shard down for good, which is another story.
    private static readonly TimeSpan ShardCrashGap = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan AbsenceMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(8);

    private readonly SortedSet<int> _abandoned = [];
    private readonly SortedDictionary<(ulong Process, int Shard), MonotonicTime> _lastShardCrash = [];

    /// <returns>False if the kind is none of these, or there is nobody for it.</returns>
    public bool TryBegin(FaultKind kind)
    {
        var running = cluster.Running.ToList();
        if (running.Count == 0)
        {
            return false;
        }

        var node = prng.Pick(running);
        switch (kind)
        {
            case FaultKind.RestartAtOnce:
                node.End("crash");
                cluster.StartNode(node.Slot);
                return true;
            case FaultKind.RestartLate:
                node.End("crash");
                StartLater(node.Slot);
                return true;
            case FaultKind.CrashForGood:
                return TryAbandon(node);
            case FaultKind.CrashOfAll:
                EndAll(running);
                return true;
            case FaultKind.ClockSetBack:
                cluster.SetWallClock(node.Slot, -SomeStep());
                Restart(node);
                return true;
            case FaultKind.ClockSetForward:
                cluster.SetWallClock(node.Slot, SomeStep());
                Restart(node);
                return true;
            case FaultKind.ClockStep:
                cluster.SetWallClock(node.Slot, prng.Chance(0.5) ? SomeStep() : -SomeStep());
                return true;
            case FaultKind.ShardCrash:
                return TryCrashShard(node);
            case FaultKind.Pause:
                node.Pause();
                cluster.Events.After(PauseMax * prng.NextDouble(), node.Resume);
                return true;
            case FaultKind.SlowNode:
                node.Slowness = prng.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(500));
                cluster.Events.After(SlowFor, () => node.Slowness = TimeSpan.Zero);
                return true;
            case FaultKind.GracefulLeave:
                Leave(node);
                return true;
            case FaultKind.SharedAddress:
                return TryShareAddress(node);
            default:
                return false;
        }
    }

    /// <summary>Everybody goes on, and of two processes at one address the later one stays.</summary>
    public void Calm()
    {
        foreach (var node in cluster.Running.ToList())
        {
            node.Slowness = TimeSpan.Zero;
            node.Resume();
        }

        for (var slot = 0; slot < cluster.Options.Nodes; slot++)
        {
            foreach (var surplus in cluster.At(slot).SkipLast(1))
            {
                cluster.Marks.Add("two at one address until the end");
                surplus.End("only one process may be here");
            }
        }
    }

    /// <summary>As an operator does: whoever is missing is started.</summary>
    public void StartMissing()
    {
        for (var slot = 0; slot < cluster.Options.Nodes; slot++)
        {
            if (cluster.At(slot).Count == 0 && !_abandoned.Contains(slot))
            {
                cluster.StartNode(slot);
            }
        }
    }

    private void Restart(SimulatedNode node)
    {
        node.End("crash");
        if (prng.Chance(0.5))
        {
            cluster.StartNode(node.Slot);
        }
        else
        {
            StartLater(node.Slot);
        }
    }

    private void StartLater(int slot) => cluster.Events.After(AbsenceMax * prng.NextDouble(), () =>
    {
        if (!isCalm() && cluster.At(slot).Count == 0 && !_abandoned.Contains(slot))
        {
            cluster.StartNode(slot);
        }
    });

    // A seed stays: who knows nobody else could never be found again.
    private bool TryAbandon(SimulatedNode node)
    {
        if (node.Slot < cluster.Options.SeedNodes)
        {
            return false;
        }

        _abandoned.Add(node.Slot);
        foreach (var process in cluster.At(node.Slot))
        {
            process.End("crash for good");
        }

        return true;
    }

    private void EndAll(List<SimulatedNode> running)
    {
        foreach (var node in running)
        {
            node.End("crash of all");
            cluster.Events.After(TimeSpan.FromSeconds(5) * prng.NextDouble(), () =>
            {
                if (!isCalm() && cluster.At(node.Slot).Count == 0 && !_abandoned.Contains(node.Slot))
                {
                    cluster.StartNode(node.Slot);
                }
            });
        }
    }

    private bool TryCrashShard(SimulatedNode node)
    {
        var shard = prng.Next(cluster.Options.Shards);
        var key = (node.ProcessId, shard);
        if (node.Shards.Count == 0
            || (_lastShardCrash.TryGetValue(key, out var last) && cluster.Events.Now - last < ShardCrashGap))
        {
            return false;
        }

        _lastShardCrash[key] = cluster.Events.Now;
        node.Shards[shard].CrashAtNextMessage();
        return true;
    }

    private void Leave(SimulatedNode node)
    {
        cluster.Trace.Write(node, "is asked to leave");
        node.Tell(ActorName.Supervisor, new MembershipInput.LeaveRequested());
        StartLater(node.Slot);
    }

    private bool TryShareAddress(SimulatedNode node)
    {
        if (cluster.At(node.Slot).Count > 1)
        {
            return false;
        }

        cluster.StartNode(node.Slot);
        if (prng.Chance(0.5))
        {
            // Akka.Remote tells an older process that peers take nothing more from it.
            cluster.Events.After(TimeSpan.FromSeconds(1), () =>
                node.Tell(ActorName.Monitor, new MembershipInput.Supplanted()));
        }

        return true;
    }

    private TimeSpan SomeStep() => prng.Chance(0.5) ? TimeSpan.FromHours(1) : TimeSpan.FromDays(365 * prng.NextDouble());
}
