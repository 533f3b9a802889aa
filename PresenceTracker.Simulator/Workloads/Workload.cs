using System.Globalization;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Simulator.Nodes;

namespace PresenceTracker.Simulator.Workloads;

/// <summary>The clients of all nodes: what they do, and what must be visible of it.</summary>
internal sealed class Workload(SimulatedCluster cluster, Prng prng)
{
    private const int BatchMax = 40;
    private const int PaddingMax = 150;
    private const int CatchUpMax = 100;
    private const int MovingLeasesMax = 4;
    private const int LastingLeasesMax = 2;
    private static readonly TimeSpan CatchUpWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GraceMax = TimeSpan.FromSeconds(3);

    private readonly SortedDictionary<ulong, List<Client>> _clients = [];
    private readonly List<MovingLease> _leases = [];
    private int _lastClient;
    private int _lastMeta;
    private bool _isOver;

    /// <summary>The leases that belong to no node and are still kept: one node must hold each.</summary>
    public IEnumerable<MovingLease> Leases => _leases.Where(lease => !lease.IsEnded);

    public void Start()
    {
        var count = prng.Next(MovingLeasesMax + 1);
        for (var number = 1; number <= count; number++)
        {
            var lease = new MovingLease(NewLeaseId("MovingLease", number), NewMeta(), LeaseDuration());
            _leases.Add(lease);
            cluster.Events.After(cluster.Options.FaultyTime * prng.NextDouble(), () => Keep(lease));
            if (prng.Chance(0.4))
            {
                cluster.Events.After(cluster.Options.FaultyTime * prng.NextDouble(), () => End(lease));
            }
        }

        StartLastingLeases();
    }

    /// <summary>Nobody begins anything new; leases go on.</summary>
    public void Stop() => _isOver = true;

    /// <summary>Whether somebody of that node still waits for an answer.</summary>
    public bool IsBusy(SimulatedNode node) => _clients.TryGetValue(node.ProcessId, out var clients) && clients.Exists(client => client.IsBusy && !client.IsRenewing && !client.IsEnded);

    /// <summary>What must be visible of the node's clients.</summary>
    public IEnumerable<(PresenceId Id, Meta Meta)> ExpectedOf(SimulatedNode node) =>
        from client in _clients.GetValueOrDefault(node.ProcessId) ?? []
        where !client.IsEnded
        from entry in client.Live
        select (entry.Key, entry.Value);

    /// <summary>One that stands still too: what it is asked it does when it goes on. Null if none has started.</summary>
    public SimulatedNode? AnyNode()
    {
        var started = cluster.Running.Where(node => node.Shards.Count > 0).ToList();
        return started.Count == 0 ? null : prng.Pick(started);
    }

    public void ShardsStarted(SimulatedNode node)
    {
        _clients[node.ProcessId] = [];
        for (var topic = 0; topic < cluster.Options.Topics; topic++)
        {
            if (prng.Chance(0.6))
            {
                Subscribe(node, topic);
            }
        }

        ScheduleNext(node);
    }

    /// <summary>A shard has crashed, and its clients make good what they could not do meanwhile.</summary>
    public void ShardCrashed(SimulatedNode node)
    {
        for (var i = prng.Next(CatchUpMax + 1); i > 0; i--)
        {
            node.Schedule(CatchUpWithin * prng.NextDouble(), () => CatchUp(node));
        }
    }

    // Mostly by updates: an update soon after the crash is not in the first part of the new epoch that a peer gets.
    private void CatchUp(SimulatedNode node)
    {
        var tracked = _clients[node.ProcessId].FindAll(client => !client.IsBusy && !client.IsEnded && client.IsTracked);
        if (_isOver || tracked.Count == 0 || prng.Chance(0.2))
        {
            ActUnlessOver(node);
            return;
        }

        var updated = prng.Pick(tracked);
        updated.Update(prng.Pick([.. updated.Live.Keys]), NewMeta());
    }

    private void ScheduleNext(SimulatedNode node) => node.Schedule(
        prng.Exponential(TimeSpan.FromSeconds(1 / cluster.Options.OperationsPerSecond)),
        () =>
        {
            if (ActUnlessOver(node))
            {
                ScheduleNext(node);
            }
        });

    private bool ActUnlessOver(SimulatedNode node)
    {
        if (!_isOver)
        {
            Act(node);
        }

        return !_isOver;
    }

    private void Act(SimulatedNode node)
    {
        var clients = _clients[node.ProcessId];
        clients.RemoveAll(client => client.IsEnded && !client.IsBusy);
        var free = clients.FindAll(client => !client.IsBusy && !client.IsEnded);
        switch (prng.Next(10))
        {
            case 0 or 1 or 2 when clients.Count < cluster.Options.Keys:
                Begin(node, clients);
                break;
            case 3 or 4 or 5 or 6 when free.Find(client => client.IsTracked) is not null:
                var updated = prng.Pick(free.FindAll(client => client.IsTracked));
                updated.Update(prng.Pick([.. updated.Live.Keys]), NewMeta());
                if (prng.Chance(0.1))
                {
                    updated.End();
                }

                break;
            case 7 when free.Count > 0:
                var changed = prng.Pick(free);
                if (changed.IsTracked)
                {
                    changed.UntrackAll();
                }
                else
                {
                    changed.TrackAll(NewMeta);
                }

                break;
            case 8 when free.Count > 0:
                prng.Pick(free).End();
                break;
            case 9:
                ChangeSubscribers(node);
                break;
            default:
                Begin(node, clients);
                break;
        }
    }

    private void Begin(SimulatedNode node, List<Client> clients)
    {
        var number = ++_lastClient;
        var kind = prng.Pick(Enum.GetValues<OwnerKind>());
        var owner = new SimulatedOwner(kind, $"{kind}:{number}", LeaseDuration());
        var topic = $"topic{prng.Next(cluster.Options.Topics)}";
        var count = prng.Chance(0.1) ? prng.Between(2, BatchMax) : 1;
        var grace = kind == OwnerKind.Connection && prng.Chance(0.7) ? GraceMax * prng.NextDouble() : TimeSpan.Zero;
        var keys = prng.Pick(Enumerable.Range(0, Math.Max(count, cluster.Options.Keys)), count);
        var client = new Client(node, owner, [.. keys.Select(key => new PresenceId(topic, $"key{key}", owner.Id))], grace);
        clients.Add(client);
        client.TrackAll(NewMeta);
        if (kind == OwnerKind.Lease)
        {
            ScheduleRenewal(node, client);
        }
    }

    private static void ScheduleRenewal(SimulatedNode node, Client client) => node.Schedule(client.Owner.Lease / 3, () =>
    {
        if (client.IsEnded)
        {
            return;
        }

        if (!client.IsBusy && client.IsTracked)
        {
            client.Renew();
        }

        ScheduleRenewal(node, client);
    });

    private void StartLastingLeases()
    {
        for (var number = prng.Next(LastingLeasesMax + 1); number > 0; number--)
        {
            var lease = new LastingLease(cluster, new MovingLease(NewLeaseId("LastingLease", number), NewMeta(), LastingLease.Duration), prng.Fork());
            var end = cluster.Options.FaultyTime * prng.NextDouble();
            cluster.Events.After(end * prng.NextDouble(), () => lease.Keep(until: default(MonotonicTime) + end));
        }
    }

    private PresenceId NewLeaseId(string kind, int number) =>
        new($"topic{prng.Next(cluster.Options.Topics)}", $"key{prng.Next(cluster.Options.Keys)}", $"{kind}:{number}");

    private void Keep(MovingLease lease)
    {
        if (!lease.IsEnded)
        {
            if (AnyNode() is { } node)
            {
                lease.RenewThrough(node);
            }

            cluster.Events.After(lease.Duration / 3, () => Keep(lease));
        }
    }

    private void End(MovingLease lease)
    {
        if (prng.Chance(0.5) && AnyNode() is { } node)
        {
            lease.EndThrough(node);
        }
        else
        {
            lease.Abandon();
        }
    }

    private TimeSpan LeaseDuration() => prng.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));

    private void ChangeSubscribers(SimulatedNode node)
    {
        var subscribers = node.Publisher.Subscribers;
        if (subscribers.Count > 0 && prng.Chance(0.5))
        {
            node.Tell(ActorName.Publisher, new SimulatedPublisher.Unsubscribed(prng.Pick(subscribers)));
        }
        else
        {
            Subscribe(node, prng.Next(cluster.Options.Topics));
        }
    }

    private void Subscribe(SimulatedNode node, int topic)
    {
        var name = $"topic{topic}";
        var shard = ActorName.Shard0 + Protocol.Identity.StableHash.ShardOf(name, node.Options.Shards);
        node.Tell(shard, new SubscribeRequest(new Subscriber(name)));
    }

    private Meta NewMeta()
    {
        var padding = new string('x', prng.Chance(0.3) ? prng.Next(PaddingMax) : 0);
        var text = string.Create(CultureInfo.InvariantCulture, $$"""{"n":{{++_lastMeta}},"p":"{{padding}}"}""");
        return Meta.TryParse(text, out _)!;
    }
}
