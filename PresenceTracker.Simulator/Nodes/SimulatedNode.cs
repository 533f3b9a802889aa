using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Time;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>
/// One life of a process: the pure cores, composed as the actors compose them. They speak to each other by mailbox only:
/// each handles what came in its order, after a random delay.
/// </summary>
internal sealed class SimulatedNode
{
    private readonly Prng _prng;
    private readonly List<SimulatedActor> _actors = [];
    private readonly Queue<Action> _stalled = [];
    private readonly MonotonicTime[] _lastArrival;
    private readonly SortedSet<string> _stoppedOwners = new(StringComparer.Ordinal);
    private ulong _lastRef;

    public SimulatedNode(SimulatedCluster cluster, int slot, int life, NodeId self, SimulatedClock clock, Prng prng)
    {
        Cluster = cluster;
        Slot = slot;
        Name = $"n{slot}.{life}";
        StartedAs = self;
        Clock = clock;
        _prng = prng;
        _lastArrival = new MonotonicTime[(int)ActorName.Shard0 + Options.Shards];
        Directory = new NodeDirectory(self);
        Publisher = new SimulatedPublisher(this);
        Monitor = new SimulatedMonitor(this, Options.Membership with { Seeds = cluster.SeedAddresses }, self, prng.Fork());
        _actors.AddRange([new SimulatedCaller(this), new SimulatedSupervisor(this), Monitor, new SimulatedLeases(this)]);
    }

    public SimulatedCluster Cluster { get; }

    public SwarmOptions Options => Cluster.Options;

    /// <summary>Which address it is at.</summary>
    public int Slot { get; }

    /// <summary>Slot and life, for traces.</summary>
    public string Name { get; }

    public NodeId StartedAs { get; }

    public string Address => StartedAs.Address;

    /// <summary>Tells the process from every other, whatever counter it has.</summary>
    public ulong ProcessId => StartedAs.Incarnation.ProcessId;

    public NodeDirectory Directory { get; }

    public SimulatedClock Clock { get; }

    public SimulatedMonitor Monitor { get; }

    public SimulatedPublisher Publisher { get; }

    /// <summary>Null until the identity is final.</summary>
    public SimulatedOverlay? Overlay { get; private set; }

    /// <summary>Empty until the identity is final.</summary>
    public IReadOnlyList<SimulatedShard> Shards { get; private set; } = [];

    public bool IsAlive { get; private set; } = true;

    public bool IsPaused { get; private set; }

    public bool IsReady { get; set; }

    /// <summary>How much longer than usual everything takes at most.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>Messages to other nodes that have not been handled or lost.</summary>
    public int UnderWay { get; set; }

    public void Start() => Monitor.Start();

    public void StartShards(NodeId self, IReadOnlyList<ShardIdentity> identities)
    {
        var heartbeat = new SimulatedHeartbeat(this, Options.Gossip, self, _prng.Fork());
        Overlay = new SimulatedOverlay(this, Options.Topology, self, new Prng(Options.Seed ^ ProcessId));
        _actors.AddRange([heartbeat, new SimulatedOwnerWatch(this), Publisher, Overlay]);
        Shards = [.. identities.Select((identity, shard) => new SimulatedShard(this, shard, identity))];
        _actors.AddRange(Shards);
        foreach (var shard in Shards)
        {
            shard.Start();
        }

        Cluster.Workload.ShardsStarted(this);
    }

    /// <summary>Puts a message into a mailbox of this node. Of one process, mailboxes keep the order in which they were filled, by whomever.</summary>
    public void Tell(ActorName to, object message)
    {
        var arrival = Cluster.Events.Now + Cluster.LocalDelay(this);
        var last = _lastArrival[(int)to];
        arrival = last > arrival ? last : arrival;
        _lastArrival[(int)to] = arrival;
        Cluster.Events.At(arrival, () => Do(() => Deliver(to, message)));
    }

    /// <summary>A message of another node has come.</summary>
    public void Take(Envelope envelope) => Do(() =>
    {
        envelope.From.UnderWay--;
        Cluster.Trace.Write(this, envelope);
        Deliver(envelope.To, envelope);
    });

    /// <summary>Sends the message to the actor after that time of this node's clock.</summary>
    public void Schedule(ActorName actor, TimeSpan after, object message, Func<bool>? isWanted = null) =>
        Schedule(Clock.RealTime(after), () =>
        {
            if (isWanted is null || isWanted())
            {
                Deliver(actor, message);
            }
        });

    /// <summary>Does that after some time, if the process lives, and once it goes on if it stands still.</summary>
    public void Schedule(TimeSpan after, Action action) => Cluster.Events.After(after, () => Do(action));

    public void Pause() => IsPaused = true;

    public void Resume()
    {
        IsPaused = false;
        while (!IsPaused && IsAlive && _stalled.TryDequeue(out var action))
        {
            action();
        }
    }

    /// <summary>The process is gone.</summary>
    public void End(string reason)
    {
        if (!IsAlive)
        {
            return;
        }

        IsAlive = false;
        Cluster.Ended(this, reason);
    }

    public string NextRef() => $"{Name}-{++_lastRef}";

    public void Stopped(SimulatedOwner owner) => _stoppedOwners.Add(owner.Id);

    public bool HasStopped(SimulatedOwner owner) => _stoppedOwners.Contains(owner.Id);

    public override string ToString() => Name;

    private void Do(Action action)
    {
        if (!IsAlive)
        {
            return;
        }

        if (IsPaused)
        {
            _stalled.Enqueue(action);
            return;
        }

        action();
    }

    // What comes for an actor that does not exist yet is lost, as a dead letter is.
    private void Deliver(ActorName to, object message)
    {
        if ((int)to < _actors.Count)
        {
            _actors[(int)to].Deliver(message);
        }
    }
}
