using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Membership;

/// <summary>Several cores in one thread on virtual time, with a network that delays, loses and cuts.</summary>
internal sealed class VirtualCluster(ulong seed = 1, bool tellsSender = true)
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(20);

    private readonly Prng _prng = new(seed);
    private readonly PriorityQueue<Action, (long At, long Order)> _agenda = new();
    private readonly SortedDictionary<(string From, string To), MonotonicTime> _lastArrival = [];
    private readonly SortedSet<(string From, string To)> _cuts = [];
    private long _order;

    public List<VirtualNode> Nodes { get; } = [];

    public MonotonicTime Now { get; private set; }

    /// <summary>How many of 100 messages get lost.</summary>
    public int LossPercent { get; set; }

    public Func<MembershipOptions, MembershipOptions> Configure { get; set; } = options => options;

    /// <summary>Counts every message delivered.</summary>
    public long Delivered { get; private set; }

    /// <summary>Starts a process. Its address may be taken: then both processes get what is sent there.</summary>
    public VirtualNode Start(string address, ulong counter, params string[] seeds)
    {
        var options = Configure(CoreDriver.Options(seeds));
        var node = new VirtualNode(options, new NodeId(address, new Incarnation(counter, _prng.NextUInt64())), _prng);
        Nodes.Add(node);
        Feed(node, new MembershipInput.Started());
        return node;
    }

    public void Kill(VirtualNode node)
    {
        node.IsAlive = false;
        Nodes.Remove(node);
    }

    public void Pause(VirtualNode node) => node.IsPaused = true;

    public void Resume(VirtualNode node)
    {
        node.IsPaused = false;
        while (node.Mailbox.TryDequeue(out var input))
        {
            Feed(node, input);
        }
    }

    /// <summary>Nothing that one of them sends to the other arrives any more.</summary>
    public void Cut(VirtualNode left, VirtualNode right)
    {
        CutOneWay(left, right);
        CutOneWay(right, left);
    }

    public void CutOneWay(VirtualNode from, VirtualNode to) => _cuts.Add((from.Address, to.Address));

    public void Heal() => _cuts.Clear();

    public void Leave(VirtualNode node)
    {
        Feed(node, new MembershipInput.LeaveRequested());
        Kill(node);
    }

    public void Feed(VirtualNode node, MembershipInput input)
    {
        if (!node.IsAlive) return;
        if (node.IsPaused)
        {
            node.Mailbox.Enqueue(input);
            return;
        }

        var effects = new List<MembershipEffect>();
        node.Core.Handle(input, Now, effects);
        foreach (var effect in effects)
        {
            Carry(node, effect);
        }
    }

    public void Run(TimeSpan span)
    {
        var end = Now + span;
        while (_agenda.TryPeek(out var action, out var key) && key.At <= end.Ticks)
        {
            _agenda.Dequeue();
            Now = new MonotonicTime(key.At);
            action();
        }

        Now = end;
    }

    /// <summary>Runs in small steps until it holds; fails if it does not within that time.</summary>
    public void RunUntil(Func<bool> holds, TimeSpan within, string what)
    {
        var end = Now + within;
        while (!holds())
        {
            Assert.True(Now < end, $"no {what} within {within}");
            Run(TimeSpan.FromMilliseconds(50));
        }
    }

    public bool AllSeeEachOther() => Nodes.TrueForAll(node => node.In(MemberState.Up).SequenceEqual(
        Nodes.Where(other => other != node).Select(other => other.Address).Order(StringComparer.Ordinal)));

    /// <summary>As <see cref="AllSeeEachOther"/>, but nodes that died just now may still be up for some.</summary>
    public bool NobodyIsMissed() => Nodes.TrueForAll(node =>
        Nodes.TrueForAll(other => other == node || node.In(MemberState.Up).Contains(other.Address)));

    public void ClearEvents() => Nodes.ForEach(node => node.Events.Clear());

    private void Carry(VirtualNode node, MembershipEffect effect)
    {
        switch (effect)
        {
            case MembershipEffect.SendMessage send:
                Transmit(node.Address, send);
                break;
            case MembershipEffect.ScheduleTimer schedule:
                At(Now + schedule.After, () => Feed(node, new MembershipInput.TimerFired(schedule.Timer)));
                break;
            default:
                node.Checker.Check(effect, Now);
                node.Events.Add(effect);
                break;
        }
    }

    // As on a connection of Akka.Remote: what arrives keeps its order between two addresses.
    private void Transmit(string from, MembershipEffect.SendMessage send)
    {
        if (_prng.Next(100) < LossPercent) return;

        var arrival = Now + (DelayMax * _prng.NextDouble());
        if (_lastArrival.TryGetValue((from, send.Address), out var last) && last > arrival) arrival = last;
        _lastArrival[(from, send.Address)] = arrival;
        At(arrival, () => Deliver(from, send));
    }

    private void Deliver(string from, MembershipEffect.SendMessage send)
    {
        if (_cuts.Contains((from, send.Address))) return;
        foreach (var receiver in Nodes.Where(node => node.Address == send.Address).ToArray())
        {
            Delivered++;
            Feed(receiver, new MembershipInput.MessageReceived(tellsSender ? from : null, send.Message));
        }
    }

    private void At(MonotonicTime time, Action action) => _agenda.Enqueue(action, (time.Ticks, _order++));
}
