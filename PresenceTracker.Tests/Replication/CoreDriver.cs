using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Tests.Replication;

/// <summary>One replication core on virtual time: inputs go in, effects come out, timers fire when time is advanced over them.</summary>
internal sealed class CoreDriver
{
    public const string Room = "room:1";

    private readonly ReplicationCore _core;
    private readonly PriorityQueue<ReplicationTimer, (long Due, int Order)> _timers = new();
    private int _order;
    private ulong _token;

    public CoreDriver(int epoch = 0, PublishedState? before = null, ReplicationOptions? options = null)
    {
        _core = new ReplicationCore(options ?? new ReplicationOptions(), new ReplicaId(Self, 0, epoch), before ?? PublishedState.Empty);
        Effects = Give(new ReplicationInput.Started());
    }

    public static NodeId Self { get; } = new("127.0.0.1:1", new Incarnation(1, 1));

    public static NodeId Other { get; } = new("127.0.0.1:2", new Incarnation(1, 2));

    public static NodeRecord PeerRecord { get; } = new(Other, 0, []);

    public static ReplicaId PeerReplica { get; } = new(Other, 0, 0);

    /// <summary>Of the start.</summary>
    public IReadOnlyList<ReplicationEffect> Effects { get; }

    public MonotonicTime Now { get; private set; }

    public List<ReplicationEffect> Give(ReplicationInput input)
    {
        var effects = new List<ReplicationEffect>();
        _core.Handle(input, Now, effects);
        foreach (var schedule in effects.OfType<ReplicationEffect.ScheduleTimer>())
        {
            _timers.Enqueue(schedule.Timer, ((Now + schedule.After).Ticks, _order++));
        }

        return effects;
    }

    public List<ReplicationEffect> Give(MembershipEffect effect) => Give(new ReplicationInput.FromMembership(effect));

    public List<ReplicationEffect> Give(GossipEffect effect) => Give(new ReplicationInput.FromGossip(effect));

    public List<ReplicationEffect> Advance(TimeSpan time)
    {
        var effects = new List<ReplicationEffect>();
        var end = Now + time;
        while (_timers.TryPeek(out var timer, out var due) && due.Due <= end.Ticks)
        {
            _timers.Dequeue();
            Now = new MonotonicTime(due.Due);
            effects.AddRange(Give(new ReplicationInput.TimerFired(timer)));
        }

        Now = end;
        return effects;
    }

    public List<ReplicationEffect> Track(string key, TimeSpan leaveGrace = default) =>
        Write(new WriteOperation.Track(Id(key), $"ref of {key}", Meta.Empty, leaveGrace, OrUpdate: false));

    public List<ReplicationEffect> Write(params WriteOperation[] operations) => Give(new ReplicationInput.Write(++_token, [.. operations], MayBeRefused: true));

    public static PresenceId Id(string key) => new(Room, key, "connection:c1");

    /// <summary>Dots 1 to n of the peer, each a presence of its own, as a push.</summary>
    public static GossipEffect.DeliverDots PeerDots(ulong from, ulong to, ReplicaId? replica = null, ulong? horizon = null)
    {
        replica ??= PeerReplica;
        var entries = new List<Presence>();
        for (var dot = from + 1; dot <= to; dot++)
        {
            entries.Add(new Presence(replica, dot, Id($"peer's {dot}"), $"r{dot}", Meta.Empty, TimeSpan.Zero));
        }

        return new GossipEffect.DeliverDots(new Dots(replica, from, to, to, horizon ?? to, [.. entries], []), replica.Node, PushNumber: to);
    }
}
