using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Tests.Gossip;

internal static class EffectExtensions
{
    public static List<T> Sent<T>(this IEnumerable<GossipEffect> effects, NodeId? to = null)
        where T : GossipMessage =>
        [.. effects.OfType<GossipEffect.SendMessage>().Where(send => to is null || send.To == to).Select(send => send.Message).OfType<T>()];

    public static List<NodeId> Receivers<T>(this IEnumerable<GossipEffect> effects)
        where T : GossipMessage =>
        [.. effects.OfType<GossipEffect.SendMessage>().Where(send => send.Message is T).Select(send => send.To)];

    public static List<GossipViolation> Violations(this IEnumerable<GossipEffect> effects) =>
        [.. effects.OfType<GossipEffect.ReportViolation>().Select(report => report.Violation)];

    public static List<GossipEffect.BecameSynced> TimesSynced(this IEnumerable<GossipEffect> effects) =>
        [.. effects.OfType<GossipEffect.BecameSynced>()];
}
