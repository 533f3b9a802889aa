using System.Collections.Immutable;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Broadcast;

/// <summary>One core without a network: an input goes in, the effects are taken one by one.</summary>
internal sealed class BroadcastDriver
{
    public static readonly NodeId Self = Node("self");

    private readonly Queue<BroadcastEffect> _effects = [];

    public BroadcastDriver(BroadcastOptions? options = null) => Core = new BroadcastCore(options ?? new BroadcastOptions(), Self);

    public BroadcastCore Core { get; }

    public MonotonicTime Now { get; set; }

    public static NodeId Node(string name) => new($"{name}:1", new Incarnation(1, 7));

    public static BroadcastId Id(NodeId origin, ulong sequence = 1) => new(origin, sequence);

    public static BroadcastMessage.Gossip Payload(NodeId origin, ulong sequence = 1, int hops = 1, int bytes = 1) =>
        new(Id(origin, sequence), hops, [.. new byte[bytes]]);

    public static BroadcastMessage.IHave IHave(params BroadcastId[] ids) => new([.. ids.Select(id => new Announcement(id, 1))]);

    public void Give(BroadcastInput input)
    {
        var effects = new List<BroadcastEffect>();
        Core.Handle(input, Now, effects);

        // When the payloads that are kept are forgotten is for one test to know.
        effects.RemoveAll(effect => effect is BroadcastEffect.ScheduleTimer { Timer: BroadcastTimer.ForgetDue due } && Note(due));
        effects.ForEach(_effects.Enqueue);
    }

    public BroadcastTimer.ForgetDue? Forget { get; private set; }

    public void Receive(NodeId from, BroadcastMessage message) => Give(new BroadcastInput.MessageReceived(from, message));

    public void Connect(params NodeId[] peers)
    {
        foreach (var peer in peers)
        {
            Give(new BroadcastInput.NeighborUp(peer));
        }
    }

    public void Publish(ImmutableArray<byte> payload) => Give(new BroadcastInput.Publish(payload));

    public T Take<T>()
        where T : BroadcastEffect
    {
        Assert.True(_effects.TryDequeue(out var effect), $"{typeof(T).Name} is missing");
        return Assert.IsType<T>(effect);
    }

    public T TakeMessage<T>(NodeId to)
        where T : BroadcastMessage
    {
        var send = Take<BroadcastEffect.SendMessage>();
        Assert.Equal(to, send.To);
        return Assert.IsType<T>(send.Message);
    }

    public T TakeTimer<T>()
        where T : BroadcastTimer => Assert.IsType<T>(Take<BroadcastEffect.ScheduleTimer>().Timer);

    public void Fire(BroadcastTimer timer) => Give(new BroadcastInput.TimerFired(timer));

    public void TakeNothing() => Assert.Empty(_effects);

    public bool Any() => _effects.Count > 0;

    public void TakeRest() => _effects.Clear();

    private bool Note(BroadcastTimer.ForgetDue due)
    {
        Forget = due;
        return true;
    }
}
