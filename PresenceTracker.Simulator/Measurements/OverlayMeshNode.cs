using System.Collections.Immutable;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Overlay;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>One life of a node of an <see cref="OverlayMesh"/>.</summary>
internal sealed class OverlayMeshNode(OverlayMesh mesh, int slot, NodeId id, OverlayCore overlay, BroadcastCore? broadcast)
{
    private readonly List<OverlayEffect> _overlayEffects = [];
    private readonly List<BroadcastEffect> _broadcastEffects = [];
    private readonly List<OverlayTimer> _held = [];

    public NodeId Id { get; } = id;

    public int Slot { get; } = slot;

    public bool IsAlive { get; set; } = true;

    public OverlayCore Overlay { get; } = overlay;

    public BroadcastCore? Broadcast { get; } = broadcast;

    public void Give(OverlayInput input)
    {
        if (!IsAlive) return;

        // What it asks for may lead to the next input before all of it is done.
        var begin = _overlayEffects.Count;
        Overlay.Handle(input, mesh.Events.Now, _overlayEffects);
        var effects = _overlayEffects[begin..];
        _overlayEffects.RemoveRange(begin, effects.Count);
        effects.ForEach(CarryOut);
    }

    public void Give(BroadcastInput input)
    {
        if (!IsAlive || Broadcast is null) return;

        Broadcast.Handle(input, mesh.Events.Now, _broadcastEffects);
        ImmutableArray<BroadcastEffect> effects = [.. _broadcastEffects];
        _broadcastEffects.Clear();
        foreach (var effect in effects)
        {
            CarryOut(effect);
        }
    }

    public void Receive(NodeId from, OverlayMessage message) => Give(new OverlayInput.MessageReceived(from, message));

    public void Receive(NodeId from, BroadcastMessage message) => Give(new BroadcastInput.MessageReceived(from, message));

    /// <summary>The timers of cycles that were due while <see cref="OverlayMesh.HoldsCycles"/> run out, each within that time.</summary>
    public void Release(TimeSpan within)
    {
        foreach (var timer in _held)
        {
            mesh.After(within * mesh.Prng.NextDouble(), () => Fire(timer));
        }

        _held.Clear();
    }

    private void CarryOut(OverlayEffect effect)
    {
        mesh.Asked(this, effect);
        switch (effect)
        {
            case OverlayEffect.SendMessage send:
                mesh.Send(this, send.To, send.Message);
                break;
            case OverlayEffect.ScheduleTimer schedule:
                mesh.After(schedule.After, () => Fire(schedule.Timer));
                break;
            case OverlayEffect.NeighborUp up:
                mesh.LinkChanges++;
                Give(new BroadcastInput.NeighborUp(up.Peer));
                break;
            case OverlayEffect.NeighborDown down:
                mesh.LinkChanges++;
                Give(new BroadcastInput.NeighborDown(down.Peer));
                break;
            case OverlayEffect.ContactWanted:
                mesh.GiveContact(this);
                break;
        }
    }

    private void CarryOut(BroadcastEffect effect)
    {
        switch (effect)
        {
            case BroadcastEffect.SendMessage send:
                mesh.Send(this, send.To, send.Message);
                break;
            case BroadcastEffect.ScheduleTimer schedule:
                mesh.After(schedule.After, () => Give(new BroadcastInput.TimerFired(schedule.Timer)));
                break;
            case BroadcastEffect.Deliver deliver:
                mesh.Delivered(this, deliver);
                break;
        }
    }

    private void Fire(OverlayTimer timer)
    {
        if (mesh.HoldsCycles && timer is OverlayTimer.ShuffleDue)
        {
            _held.Add(timer);
        }
        else
        {
            Give(new OverlayInput.TimerFired(timer));
        }
    }
}
