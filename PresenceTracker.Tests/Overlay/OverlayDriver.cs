using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Overlay;

/// <summary>One core without a network: an input goes in, the effects are taken one by one.</summary>
internal sealed class OverlayDriver
{
    public static readonly NodeId Self = Node("self");

    private readonly Queue<OverlayEffect> _effects = [];

    public OverlayDriver(OverlayOptions? options = null)
    {
        Core = new OverlayCore(options ?? new OverlayOptions(), Self, new Prng(1));
        Give(new OverlayInput.Started());
        Shuffle = (OverlayTimer.ShuffleDue)Take<OverlayEffect.ScheduleTimer>().Timer;
        Take<OverlayEffect.ContactWanted>();
    }

    public OverlayCore Core { get; }

    public MonotonicTime Now { get; set; }

    /// <summary>The timer of the next shuffle.</summary>
    public OverlayTimer.ShuffleDue Shuffle { get; private set; }

    public static NodeId Node(string name, ulong counter = 1) => new($"{name}:1", new Incarnation(counter, 7));

    public void Give(OverlayInput input)
    {
        var effects = new List<OverlayEffect>();
        Core.Handle(input, Now, effects);
        foreach (var effect in effects)
        {
            _effects.Enqueue(effect);
        }
    }

    public void Receive(NodeId from, OverlayMessage message) => Give(new OverlayInput.MessageReceived(from, message));

    public T Take<T>()
        where T : OverlayEffect
    {
        Assert.True(_effects.TryDequeue(out var effect), $"{typeof(T).Name} is missing");
        return Assert.IsType<T>(effect);
    }

    public T TakeMessage<T>(NodeId to)
        where T : OverlayMessage
    {
        var send = Take<OverlayEffect.SendMessage>();
        Assert.Equal(to, send.To);
        return Assert.IsType<T>(send.Message);
    }

    /// <summary>A request and its timer.</summary>
    public OverlayMessage.NeighborRequest TakeRequest(NodeId to)
    {
        var request = TakeMessage<OverlayMessage.NeighborRequest>(to);
        Assert.Equal(new OverlayTimer.RequestOverdue(to, request.Token), Take<OverlayEffect.ScheduleTimer>().Timer);
        return request;
    }

    public void TakeViolation(OverlayViolation violation, NodeId from) =>
        Assert.Equal(new OverlayEffect.ReportViolation(violation, from), Take<OverlayEffect.ReportViolation>());

    public void TakeNothing() => Assert.Empty(_effects);

    public void TakeRest() => _effects.Clear();

    /// <summary>That node asks to be a neighbour, and is granted it.</summary>
    public void Connect(NodeId peer)
    {
        Receive(peer, new OverlayMessage.NeighborRequest(1, NeighborPriority.Low));
        Assert.True(TakeMessage<OverlayMessage.NeighborReply>(peer).IsGranted);
        while (_effects.Peek() is OverlayEffect.SendMessage { Message: OverlayMessage.KeepLink })
        {
            // Whether it makes sure of others meanwhile is for one test to know.
            _effects.Dequeue();
        }

        Assert.Equal(new OverlayEffect.NeighborUp(peer), Take<OverlayEffect.NeighborUp>());
        TakeNothing();
    }

    /// <summary>As many neighbours as there is room for: n0, n1, …</summary>
    public NodeId[] Fill(int count = 5)
    {
        NodeId[] peers = [.. Enumerable.Range(0, count).Select(number => Node($"n{number}"))];
        Array.ForEach(peers, Connect);
        return peers;
    }

    /// <summary>A neighbour tells of that node; at once it is asked, if there is room.</summary>
    public void Tell(NodeId neighbor, params NodeId[] nodes)
    {
        Receive(neighbor, new OverlayMessage.Shuffle(neighbor, 1, 0, [.. nodes]));
        TakeMessage<OverlayMessage.ShuffleReply>(neighbor);
    }

    /// <summary>The shuffle is due; what it sends is left to take, but for the next timer.</summary>
    public void FireShuffle()
    {
        var effects = new List<OverlayEffect>();
        Core.Handle(new OverlayInput.TimerFired(Shuffle), Now, effects);
        foreach (var effect in effects)
        {
            if (effect is OverlayEffect.ScheduleTimer { Timer: OverlayTimer.ShuffleDue due })
            {
                Shuffle = due;
            }
            else
            {
                _effects.Enqueue(effect);
            }
        }
    }
}
