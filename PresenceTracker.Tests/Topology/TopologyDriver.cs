using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Protocol.Topology;
using Xunit;

namespace PresenceTracker.Tests.Topology;

/// <summary>One topology core on virtual time.</summary>
internal sealed class TopologyDriver
{
    private readonly List<TopologyEffect> _effects = [];
    private readonly PriorityQueue<TopologyTimer, (long Due, int Order)> _timers = new();
    private int _order;

    public TopologyDriver(int limit) => Core = new TopologyCore(
        new TopologyOptions { FullMeshLimit = limit, SettleTime = TimeSpan.FromSeconds(2), LeaveAfter = TimeSpan.FromSeconds(60) }, Self, new Prng(1));

    public static NodeId Self { get; } = Node(0);

    public TopologyCore Core { get; }

    public MonotonicTime Now { get; private set; }

    public static NodeId Node(int number, ulong counter = 100) => new($"node{number}:1", new Incarnation(counter, (ulong)number + 1));

    public void Give(TopologyInput input)
    {
        var effects = new List<TopologyEffect>();
        Core.Handle(input, Now, effects);
        foreach (var effect in effects)
        {
            if (effect is TopologyEffect.ScheduleTimer(var timer, var after))
            {
                _timers.Enqueue(timer, ((Now + after).Ticks, _order++));
            }
            else
            {
                _effects.Add(effect);
            }
        }
    }

    public void Tell(MembershipEffect effect) => Give(new TopologyInput.FromMembership(effect));

    public void Up(params int[] numbers)
    {
        foreach (var number in numbers)
        {
            Tell(new MembershipEffect.NodeUp(new NodeRecord(Node(number), 1, [])));
        }
    }

    public void Leave(int number) => Tell(new MembershipEffect.NodeRemoved(Node(number), LeaveReason.NodeLeft));

    public void Receive(int number, OverlayMessage message) => Give(new TopologyInput.OverlayReceived(Node(number), message));

    public void Receive(int number, BroadcastMessage message) => Give(new TopologyInput.BroadcastReceived(Node(number), message));

    /// <summary>Becomes the neighbour of the node.</summary>
    public void Link(int number) => Receive(number, new OverlayMessage.NeighborRequest(1, NeighborPriority.High));

    /// <summary>Lets the time pass and gives back every timer that falls due.</summary>
    public void Advance(TimeSpan span)
    {
        var end = Now + span;
        while (_timers.TryPeek(out var timer, out var due) && due.Due <= end.Ticks)
        {
            _timers.Dequeue();
            Now = new MonotonicTime(due.Due);
            Give(new TopologyInput.TimerFired(timer));
        }

        Now = end;
    }

    /// <summary>Everything asked of that kind since the last time; the rest counts as seen too.</summary>
    public T[] Take<T>()
        where T : TopologyEffect
    {
        T[] found = [.. _effects.OfType<T>()];
        _effects.Clear();
        return found;
    }

    /// <summary>What the others were told of the links last, after everything since the last time.</summary>
    public NodeId[]? TakeLinks() => Assert.Single(Take<TopologyEffect.LinksChanged>()).Neighbors?.ToArray();
}
