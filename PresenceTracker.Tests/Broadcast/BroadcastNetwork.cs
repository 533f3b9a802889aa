using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Simulator.Time;
using Xunit;

namespace PresenceTracker.Tests.Broadcast;

/// <summary>Cores on a graph of links that come and go; what is under way on a link that ends is lost. Each end learns of it for itself.</summary>
internal sealed class BroadcastNetwork
{
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan NoticedWithin = TimeSpan.FromMilliseconds(300);

    private readonly Prng _prng;
    private readonly BroadcastCore[] _cores;
    private readonly SortedDictionary<(int Low, int High), int> _links = [];
    private readonly SortedDictionary<(int From, int To), long> _lastArrival = [];
    private readonly SortedDictionary<BroadcastId, (int Origin, SortedSet<(int Low, int High)> Links, int[] Deliveries)> _published = [];
    private int _made;

    public BroadcastNetwork(Prng prng, int nodes)
    {
        _prng = prng;
        _cores = [.. Enumerable.Range(0, nodes).Select(node => new BroadcastCore(new BroadcastOptions(), IdOf(node)))];
    }

    public EventQueue Events { get; } = new();

    public IReadOnlyList<(int Low, int High)> Links => [.. _links.Keys];

    /// <summary>How often something of that name was sent.</summary>
    public SortedDictionary<string, int> Sent { get; } = new(StringComparer.Ordinal);

    public void Link(int one, int other)
    {
        if (one == other || !_links.TryAdd((Math.Min(one, other), Math.Max(one, other)), ++_made)) return;

        Give(one, new BroadcastInput.NeighborUp(IdOf(other)));
        Give(other, new BroadcastInput.NeighborUp(IdOf(one)));
    }

    /// <summary>The link is gone; both ends notice it in a while. Broadcasts under way do not count on it any more.</summary>
    public void Cut((int Low, int High) link)
    {
        _links.Remove(link);
        foreach (var (_, links, _) in _published.Values)
        {
            links.Remove(link);
        }

        Notice(link.Low, link.High);
        Notice(link.High, link.Low);
    }

    public void Publish(int node)
    {
        var id = new BroadcastId(IdOf(node), (ulong)_published.Count(entry => entry.Value.Origin == node) + 1);
        _published.Add(id, (node, [.. _links.Keys], new int[_cores.Length]));
        Give(node, new BroadcastInput.Publish([1]));
    }

    /// <summary>
    /// Nobody got anything twice, and each broadcast came to all that were connected with its origin by links that lasted from its publication until now.
    /// </summary>
    public void Check()
    {
        foreach (var (id, (origin, links, deliveries)) in _published)
        {
            Assert.Equal(0, deliveries[origin]);
            foreach (var node in Connected(origin, links).Where(node => node != origin))
            {
                Assert.True(deliveries[node] == 1, $"{id} came {deliveries[node]} times to {IdOf(node)}");
            }
        }
    }

    private static NodeId IdOf(int node) => new($"node{node}:4053", new Incarnation(1, (ulong)node));

    private static int IndexOf(NodeId id) => (int)id.Incarnation.ProcessId;

    private static SortedSet<int> Connected(int origin, SortedSet<(int Low, int High)> links)
    {
        var connected = new SortedSet<int> { origin };
        while (links.FirstOrDefault(link => connected.Contains(link.Low) != connected.Contains(link.High)) is var next && next.Low != next.High)
        {
            connected.Add(next.Low);
            connected.Add(next.High);
        }

        return connected;
    }

    private void Notice(int node, int lost) => Events.After(NoticedWithin * _prng.NextDouble(), () =>
    {
        // Unless there is a new link by then, which is another for the overlay: it would have ended the old one first.
        if (!_links.ContainsKey((Math.Min(node, lost), Math.Max(node, lost)))) Give(node, new BroadcastInput.NeighborDown(IdOf(lost)));
    });

    private void Give(int node, BroadcastInput input)
    {
        var effects = new List<BroadcastEffect>();
        _cores[node].Handle(input, Events.Now, effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case BroadcastEffect.SendMessage send:
                    Send(node, IndexOf(send.To), send.Message);
                    break;
                case BroadcastEffect.ScheduleTimer schedule:
                    Events.After(schedule.After, () => Give(node, new BroadcastInput.TimerFired(schedule.Timer)));
                    break;
                case BroadcastEffect.Deliver deliver:
                    var times = ++_published[deliver.Id].Deliveries[node];
                    Assert.True(times == 1, $"{deliver.Id} came to {IdOf(node)} again");
                    break;
                case BroadcastEffect.ReportViolation { Violation: not BroadcastViolation.NotANeighbor } report:
                    Assert.Fail($"{IdOf(node)}: {report}");
                    break;
            }
        }
    }

    private void Send(int from, int to, BroadcastMessage message)
    {
        var name = message.GetType().Name;
        Sent[name] = Sent.GetValueOrDefault(name) + 1;
        var link = (Math.Min(from, to), Math.Max(from, to));
        if (!_links.TryGetValue(link, out var made)) return;

        var arrival = Math.Max(_lastArrival.GetValueOrDefault((from, to)), (Events.Now + (DelayMax * _prng.NextDouble())).Ticks);
        _lastArrival[(from, to)] = arrival;
        Events.At(new(arrival), () =>
        {
            if (_links.TryGetValue(link, out var now) && now == made) Give(to, new BroadcastInput.MessageReceived(IdOf(from), message));
        });
    }
}
