namespace PresenceTracker.Tests.Host.Faults;

/// <summary>
/// A Host that nothing was done to ends and refuses no event stream. A write may be refused because of what was done to any Host or link, for it
/// may need the answer of whoever holds the lease, and nobody but the Hosts knows who that is.
/// </summary>
internal static class RefusalRule
{
    public static IEnumerable<string> Breaches(History history) => history.Refusals
        .Where(refusal => !history.Disturbances.Any(one => Excuses(one, refusal)))
        .Select(refusal => $"Host {refusal.Host} {(refusal.IsOfStream ? "has ended or refused an event stream" : "has refused a write again")} "
            + $"at {refusal.Span}, when nothing was done that explains it: {refusal.Text}");

    private static bool Excuses(Disturbance disturbance, Refusal refusal) => refusal.IsOfStream
        ? disturbance.Host == refusal.Host && HasStopped(disturbance) && disturbance.Shows.Meets(refusal.Span)
        : disturbance.Lingers.Meets(refusal.Span);

    // What is done to its links to other Hosts does not concern its clients.
    private static bool HasStopped(Disturbance disturbance) => disturbance.GoneBy is not null || disturbance.Kind == HostFaultKind.Pause;
}
