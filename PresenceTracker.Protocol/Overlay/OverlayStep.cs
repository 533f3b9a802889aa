using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>The handling of one input: when it happens, and what is to be done because of it.</summary>
internal readonly record struct OverlayStep(MonotonicTime Now, List<OverlayEffect> Effects)
{
    public void Emit(OverlayEffect effect) => Effects.Add(effect);

    public void Send(NodeId to, OverlayMessage message) => Emit(new OverlayEffect.SendMessage(to, message));

    public void Schedule(OverlayTimer timer, TimeSpan after) => Emit(new OverlayEffect.ScheduleTimer(timer, after));

    public void Report(OverlayViolation violation, NodeId from) => Emit(new OverlayEffect.ReportViolation(violation, from));
}
