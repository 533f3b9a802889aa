using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>
/// A few nodes, the messages between them, and what they believe of each other, driven by the steps of a scenario. Every message is
/// compared with the history of its replica, every diff is folded, and every replica that is caught up is compared with the truth.
/// </summary>
internal sealed class LawWorld
{
    public const int Shard = 0;
    public const int EntryBytes = 65;
    public const int RemovalBytes = 26;

    private const string Graceful = "g1";
    private const string Lease = "l1";

    public static readonly Meta[] Metas = [.. Enumerable.Range(0, 10).Select(i => Meta.TryParse($$"""{"v":{{i}}}""", out _)!)];

    // One with a leave grace, one of leases, one that is neither.
    private static readonly string[] Owners = [Graceful, "p1", Lease];

    private readonly SortedDictionary<ReplicaId, ReplicaHistory> _histories = [];
    private readonly LawNetwork _network;
    private readonly LawMembership _membership;
    private readonly LawScenario _scenario;
    private int _refs;
    private ulong _counter;
    private bool _isQuiet;

    public LawWorld(LawScenario scenario)
    {
        _scenario = scenario;
        _network = new LawNetwork(this);
        _membership = new LawMembership(this);
        Options = new PresenceSetOptions
        {
            OperationLogBytesMax = scenario.LogRemovals * OperationLog.BytesPerRemoval,
            MessageBytesMax = scenario.MessageBytes,
            WalkEntriesMax = scenario.WalkEntries,
        };
        for (var i = 0; i < scenario.Nodes; i++)
        {
            Nodes.Add(new LawNode(this, $"n{i}", ++_counter));
        }

        foreach (var node in Nodes)
        {
            foreach (var other in Nodes.Where(other => other != node))
            {
                node.Meet(other);
            }
        }
    }

    public PresenceSetOptions Options { get; }

    public List<LawNode> Nodes { get; } = [];

    public MonotonicTime Now { get; private set; }

    public LawClass Seen { get; private set; }

    public static TimeSpan GraceOf(PresenceId id) => id.Owner == Graceful ? TimeSpan.FromSeconds(3) : TimeSpan.Zero;

    public static bool IsLease(PresenceId id) => id.Owner == Lease;

    public void Saw(LawClass seen) => Seen |= _isQuiet ? LawClass.None : seen;

    public string NextRef() => $"r{_refs++:d3}";

    public LawNode NodeAt(string address) => Nodes.Single(node => node.Address == address);

    public ReplicaHistory HistoryOf(ReplicaId replica) => _histories[replica];

    public ReplicaHistory BeginHistory(ReplicaId replica) => _histories[replica] = new ReplicaHistory(replica);

    /// <param name="afterTurn">Called with a node when its turn is over.</param>
    public void Run(Action<LawNode, LawStep>? afterTurn = null)
    {
        foreach (var step in _scenario.Steps)
        {
            Run(step, afterTurn);
        }

        if (_histories.Values.Count(history => history.Version > 0) >= 3) Saw(LawClass.ThreeReplicas);
    }

    /// <summary>The network heals, everybody hears of everybody, and nothing more changes. No class of cases counts from here on.</summary>
    public void Quiesce()
    {
        _isQuiet = true;
        PassTime();
        foreach (var (node, other) in Pairs())
        {
            while (node.Peers[other.Address] is var peer && (peer.RecordIndex < other.Records.Count - 1 || peer.State >= LawPeerState.Down))
            {
                _membership.Learn(node, other, isLast: false, choice: 1);
            }
        }

        CatchUp();
        foreach (var (node, other) in Pairs())
        {
            _membership.Show(node, other, choice: 1);
        }

        foreach (var node in Nodes)
        {
            for (var slice = 0; node.Set.HasWalks; slice++)
            {
                Assert.True(slice < 100, "a walk does not end");
                _membership.RunWalks(node);
            }
        }

        // Walks may have ended holds, which are operations.
        PassTime();
        CatchUp();
        _network.DeliverLeftovers();
    }

    /// <summary>All nodes list what is true, no lease twice, and hold nothing else.</summary>
    public void CheckAgreement()
    {
        var live = Nodes.SelectMany(node => node.History.LiveAt(node.History.Version)).ToList();
        var leases = live.Where(presence => IsLease(presence.Id)).ToList();
        Assert.Equal(leases.DistinctBy(presence => presence.Id), leases);
        Assert.All(leases, presence => Assert.True(presence.Term > 0, "a lease keeps its term"));
        var truth = string.Join(", ", live.Select(LawReader.TextOf).Order(StringComparer.Ordinal));
        var replicas = Nodes.Select(node => node.Set.Self).Order().ToList();
        foreach (var node in Nodes)
        {
            Assert.Equal(truth, node.Reader.Text);
            Assert.Equal(replicas, node.Set.Replicas);
            Assert.All(replicas, replica => _network.CheckContents(node, replica));
        }
    }

    private void Run(LawStep step, Action<LawNode, LawStep>? afterTurn)
    {
        Now += TimeSpan.FromMilliseconds(1);
        var node = Nodes[step.Node % Nodes.Count];
        var peer = PeerOf(node, step);
        var id = new PresenceId($"t{step.Choice & 1}", $"k{(step.Choice >> 1) & 1}", Owners[(step.Choice >> 2) % Owners.Length]);
        var meta = Metas[step.Peer % 3];
        switch (step.Action)
        {
            case LawAction.Track: node.Track(id, meta); break;
            case LawAction.Update: node.Update(AnyOwn(node, step.Choice, id), meta); break;
            case LawAction.Untrack: node.Untrack(AnyOwn(node, step.Choice, id)); break;
            case LawAction.Burst: Burst(node, step.Choice, id); break;
            case LawAction.Disconnect: node.Disconnect(id with { Owner = Graceful }); break;
            case LawAction.Expire: Expire(node); break;
            case LawAction.Push: _network.Push(node); break;
            case LawAction.Deliver or LawAction.Repeat or LawAction.Lose: _network.Transfer(step.Action, step.Choice, step.Peer); break;
            case LawAction.Pull: _network.Pull(node, peer, step.Choice); break;
            case LawAction.PullAnything: _network.PullAnything(node, peer, step.Choice); break;
            case LawAction.Exchange: _network.Exchange(node, peer); break;
            case LawAction.Down or LawAction.Remove: _membership.Hide(node, peer, step.Action == LawAction.Remove, step.Choice); break;
            case LawAction.Learn: _membership.Learn(node, peer, isLast: (step.Choice & 1) == 0, step.Choice); break;
            case LawAction.Show: _membership.Show(node, peer, step.Choice); break;
            case LawAction.Walk: _membership.RunWalks(node); break;
            case LawAction.Crash: node.StartEpoch(node.Record.Node); break;
            case LawAction.Rename: node.StartEpoch(NextLife(node, node.Record.Node.Incarnation.ProcessId)); break;
            default: node.Restart(NextLife(node, _counter + 1)); break;
        }

        if (step.Node < 192)
        {
            node.CompleteTurn();
            afterTurn?.Invoke(node, step);
        }
    }

    /// <summary>Any other node; one with which the action means something, if there is one.</summary>
    private LawNode PeerOf(LawNode node, LawStep step)
    {
        bool IsWorthwhile(LawNode other)
        {
            var peer = node.Peers[other.Address];
            return step.Action switch
            {
                LawAction.Learn => peer.State >= LawPeerState.Down || peer.RecordIndex < other.Records.Count - 1,
                LawAction.Show => peer.State == LawPeerState.Returning,
                LawAction.Down or LawAction.Remove => node.Reader.ListedOf(other.Record.Node).Any(),
                _ => true,
            };
        }

        var others = Nodes.Where(other => other != node).ToList();
        var worthwhile = others.Where(IsWorthwhile).ToList();
        return worthwhile.Count == 0 || step.Peer % 16 == 0
            ? others[step.Peer % others.Count]
            : worthwhile[step.Peer % worthwhile.Count];
    }

    private static bool IsBehind(LawNode node, LawNode other) => node.Set.PositionOf(other.Set.Self)?.Context != other.Set.Context;

    // Mostly a presence that there is.
    private static PresenceId AnyOwn(LawNode node, int choice, PresenceId otherwise)
    {
        var own = node.History.LiveAt(node.History.Version).ToList();
        if (own.Count == 0 || choice % 16 == 0)
        {
            return otherwise;
        }

        var presence = own[choice / 16 % own.Count];
        return new PresenceId(presence.Topic, presence.Key, presence.Owner);
    }

    private static void Burst(LawNode node, int choice, PresenceId first)
    {
        node.Track(first, Metas[0]);
        for (var i = 0; i < 2 + (choice % 4); i++)
        {
            node.Update(AnyOwn(node, (choice + i) * 17, first), Metas[(choice + i) % Metas.Length]);
        }

        if (choice % 3 == 0)
        {
            node.Untrack(AnyOwn(node, choice, first));
        }
    }

    private void Expire(LawNode node)
    {
        if (node.Set.NextHoldDeadline is { } deadline)
        {
            Now = deadline > Now ? deadline : Now;
            node.ExpireHolds();
        }
    }

    private void CatchUp()
    {
        for (var round = 0; Pairs().Where(pair => IsBehind(pair.Node, pair.Other)).ToList() is { Count: > 0 } behind; round++)
        {
            Assert.True(round < 100, "the nodes do not converge");
            foreach (var (node, other) in behind)
            {
                // In turn from the origin and from whoever else is there, who may know no more.
                _network.Exchange(node, round % 2 == 0 ? other : Nodes[round / 2 % Nodes.Count], other.Set.Self);
            }

            Nodes.ForEach(node => node.CompleteTurn());
        }
    }

    private void PassTime()
    {
        Now += TimeSpan.FromMinutes(1);
        foreach (var node in Nodes)
        {
            node.ExpireHolds();
            node.CompleteTurn();
        }
    }

    private NodeId NextLife(LawNode node, ulong process) => new(node.Address, new Incarnation(++_counter, process));

    private IEnumerable<(LawNode Node, LawNode Other)> Pairs() =>
        from node in Nodes from other in Nodes where node != other select (node, other);
}
