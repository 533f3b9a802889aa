using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>The handling of one input: when it happens, and what is to be done because of it.</summary>
internal readonly record struct MembershipStep(MonotonicTime Now, List<MembershipEffect> Effects)
{
    public void Emit(MembershipEffect effect) => Effects.Add(effect);

    public void Send(string address, MembershipMessage message) => Emit(new MembershipEffect.SendMessage(address, message));

    public void Schedule(MembershipTimer timer, TimeSpan after) => Emit(new MembershipEffect.ScheduleTimer(timer, after));

    public void Report(MembershipViolationKind kind, string? address, string detail) =>
        Emit(new MembershipEffect.ReportViolation(new MembershipViolation(kind, address, detail)));
}
