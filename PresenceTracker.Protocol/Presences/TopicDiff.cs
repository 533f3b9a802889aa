using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Presences;

/// <summary>What changed for the readers of one topic. Folding every diff after a snapshot gives the list at each step.</summary>
/// <param name="Before">The topic before; equal to <see cref="After"/> of the diff before.</param>
/// <param name="After">The topic after.</param>
/// <param name="Events">What happened, in order; empty only if nothing changed that a reader sees.</param>
public sealed record TopicDiff(TopicView Before, TopicView After, ImmutableArray<PresenceEvent> Events)
{
    public string Topic => After.Topic;

    public IEnumerable<Presence> Joins => Events.Where(e => e.Kind == PresenceEventKind.Joined).Select(e => e.Presence);

    public IEnumerable<(Presence Presence, LeaveReason Reason)> Leaves =>
        Events.Where(e => e.Kind == PresenceEventKind.Left).Select(e => (e.Presence, e.Reason));

    public IEnumerable<(Presence Previous, Presence Presence)> Updates =>
        Events.Where(e => e.Kind == PresenceEventKind.Updated).Select(e => (e.Previous!, e.Presence));

    /// <summary>Keys whose first presence came: users who were not in the topic before, on any device.</summary>
    public IEnumerable<string> KeysJoined =>
        Events.Select(e => e.Presence.Key).Distinct(StringComparer.Ordinal).Where(key => !Before.Contains(key) && After.Contains(key));

    /// <summary>Keys whose last presence went: users who are no longer in the topic on any device.</summary>
    public IEnumerable<string> KeysLeft =>
        Events.Select(e => e.Presence.Key).Distinct(StringComparer.Ordinal).Where(key => Before.Contains(key) && !After.Contains(key));

    /// <summary>
    /// The diff that takes a reader from one view of a topic to a later one, whatever happened between. What reads alike in both is no
    /// event; one (topic, key, owner) with another ref or meta is an update; leaves are <see cref="LeaveReason.Unobserved"/>.
    /// </summary>
    /// <remarks>Costs O(size of both views).</remarks>
    public static TopicDiff Between(TopicView before, TopicView after)
    {
        var events = ImmutableArray.CreateBuilder<PresenceEvent>();
        foreach (var key in before.Keys.Union(after.Keys, StringComparer.Ordinal))
        {
            var old = before.GetByKey(key);
            var now = after.GetByKey(key);
            if (old == now)
            {
                continue;
            }

            // A presence is found again by its ref first: an owner may be listed twice, under an old and a new incarnation.
            var (oldByRef, nowByRef) = (ByRef(old), ByRef(now));
            var gone = old.Where(o => !nowByRef[o.Ref].Any(o.ReadsLike)).ToList();
            foreach (var presence in now.Where(n => !oldByRef[n.Ref].Any(n.ReadsLike)))
            {
                var previous = gone.Find(o => o.Owner == presence.Owner);
                if (previous is not null)
                {
                    gone.Remove(previous);
                    events.Add(PresenceEvent.Updated(previous, presence));
                }
                else
                {
                    events.Add(PresenceEvent.Joined(presence));
                }
            }

            events.AddRange(gone.Select(o => PresenceEvent.Left(o, LeaveReason.Unobserved)));
        }

        return new TopicDiff(before, after, events.ToImmutable());

        static ILookup<string, Presence> ByRef(KeyPresences presences) => presences.ToLookup(presence => presence.Ref, StringComparer.Ordinal);
    }
}
