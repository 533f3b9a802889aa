using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Tests.Gossip;

/// <summary>One gossip core on virtual time: inputs go in, effects come out, timers fire when time is advanced over them.</summary>
internal sealed class CoreDriver
{
    private readonly GossipCore _core;
    private readonly PriorityQueue<GossipTimer, (long Due, int Order)> _timers = new();
    private int _order;

    public CoreDriver(GossipOptions? options = null)
    {
        _core = new GossipCore(options ?? new GossipOptions(), Self, new Prng(1));
    }

    public static NodeId Self { get; } = Node("self", counter: 100);

    public static NodeId B { get; } = Node("b", counter: 200);

    public static NodeId C { get; } = Node("c", counter: 300);

    public static NodeId D { get; } = Node("d", counter: 400);

    public MonotonicTime Now { get; private set; }

    /// <summary>Started without seeds, so synced at once, and with these peers, whose first digests have come and were equal.</summary>
    public static CoreDriver Synced(GossipOptions? options = null, params NodeId[] peers)
    {
        var driver = new CoreDriver(options);
        driver.Give(new GossipInput.SeedsPending(0));
        driver.Give(new GossipInput.Started());
        foreach (var peer in peers)
        {
            driver.Give(new GossipInput.PeerUp(peer));
            driver.Receive(peer, new GossipMessage.DigestEqual(Synced: true));
        }

        return driver;
    }

    public static NodeId Node(string address, ulong counter) => new(address, new Incarnation(counter, StableHash.Of(address)));

    public static ReplicaId Replica(NodeId node, int shard = 0) => new(node, shard, Epoch: 0);

    public static PullPosition At(ulong context, ulong coveredTo = 0) => new(context, coveredTo, CoveredAsOf: 0);

    public static Dots Delta(ReplicaId replica, ulong from, ulong to, ulong? horizon = null, int bytes = 0) => new(
        replica, from, to, AsOf: to, horizon ?? to, bytes == 0 ? [] : [Presence(replica, to, bytes)], Removals: []);

    public static Dots Chunk(ReplicaId replica, ulong from, ulong to, ulong asOf) => new(
        replica, from, to, asOf, Horizon: asOf, Entries: [], Removals: default);

    public List<GossipEffect> Give(GossipInput input)
    {
        var effects = new List<GossipEffect>();
        _core.Handle(input, Now, effects);
        foreach (var scheduled in effects.OfType<GossipEffect.ScheduleTimer>())
        {
            _timers.Enqueue(scheduled.Timer, ((Now + scheduled.After).Ticks, _order++));
        }

        return effects;
    }

    public List<GossipEffect> Receive(NodeId from, GossipMessage message) => Give(new GossipInput.MessageReceived(from, message));

    public void Hold(ReplicaId replica, ulong context) => Give(new GossipInput.ReplicaAdded(replica, At(context)));

    public List<GossipEffect> Push(params Dots[] deltas) => Give(new GossipInput.LocalChange([.. deltas]));

    public long Rounds => _core.Rounds;

    public IReadOnlyList<PeerProgress> Progress() => _core.Progress(Now);

    /// <summary>Lets the time pass and fires no timer, as when the process stands still.</summary>
    public void Wait(TimeSpan span) => Now += span;

    /// <summary>Lets the time pass and gives back every timer that falls due; returns all that the core asked for meanwhile.</summary>
    public List<GossipEffect> Advance(TimeSpan span)
    {
        var end = Now + span;
        var effects = new List<GossipEffect>();
        while (_timers.TryPeek(out var timer, out var due) && due.Due <= end.Ticks)
        {
            _timers.Dequeue();
            Now = new MonotonicTime(due.Due);
            effects.AddRange(Give(new GossipInput.TimerFired(timer)));
        }

        Now = end;
        return effects;
    }

    private static Presence Presence(ReplicaId replica, ulong dot, int bytes) => new(
        replica, dot, new PresenceId("topic", new string('k', bytes), "test:1"), "ref", Meta.Empty, TimeSpan.Zero);
}
