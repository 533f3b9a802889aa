namespace PresenceTracker.Tests.Host.Faults;

/// <summary>
/// No presence is lost: a key whose track or renewal was acknowledged is listed by every Host until its end is asked for, unless something
/// was done to that Host, to one that held the presence, or to the link between them. What a Host held that died is gone until it is renewed.
/// </summary>
internal static class LostRule
{
    private static readonly TimeSpan Propagation = TimeSpan.FromSeconds(2);

    // Nothing orders what two owners' Hosts tell a third: the old holder's leave may come before the new one's join.
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(1);

    // A fault is recorded as begun a moment before it strikes.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public static Verdict Judge(History history, TimeSpan end)
    {
        var sessions = history.Sessions
            .Select(session => (Session: session, ByKey: session.Shown.ToLookup(shown => shown.Key, StringComparer.Ordinal)))
            .ToLookup(session => session.Session.Topic);
        List<string> breaches = [];
        var (required, judged) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var ofKey in history.Writes.GroupBy(write => (write.Topic, write.Key)))
        {
            var shown = sessions[ofKey.Key.Topic].SelectMany(session => session.ByKey[ofKey.Key.Key]
                .Select(presence => (session.Session, Presence: presence, Span: session.Session.SpanOf(presence, end)))).ToList();
            var first = shown.GroupBy(one => one.Presence.Ref).ToDictionary(same => same.Key, same => same.Min(one => one.Span.From));
            foreach (var (write, kept) in Kept(ofKey, end))
            {
                var around = new Span(write.Began, kept.To);
                var holding = shown.Where(one => one.Span.Meets(around)).ToList();
                var holders = holding.Select(one => one.Presence.Holder).ToHashSet();
                var gap = holders.Count > 1 ? Gap : TimeSpan.Zero;
                foreach (var (session, _) in sessions[ofKey.Key.Topic])
                {
                    var span = kept.Within(session.SpanUntil(end));
                    var excuses = history.DisturbancesAmong(holders.Append(session.Host))
                        .Where(one => one.Host == session.Host || !IsPast(one, write, holding.Select(other => other.Presence), first))
                        .Select(one => ExcuseOf(one, write, holders));
                    var listed = shown.Where(one => one.Session == session).Select(one => one.Span).ToList();
                    required += span.Length > TimeSpan.Zero ? span.Length : TimeSpan.Zero;
                    foreach (var judgedSpan in span.Without(excuses, TimeSpan.Zero))
                    {
                        judged += judgedSpan.Length;
                        breaches.AddRange(judgedSpan.Without(listed, gap).Select(lost =>
                            $"{ofKey.Key.Topic}/{ofKey.Key.Key} is lost on Host {session.Host} for {lost}, held by {string.Join(", ", holders)}, after {write}"));
                    }
                }
            }
        }

        return new Verdict(breaches, required, judged);
    }

    /// <summary>
    /// Whether it is the death of a Host that held the lease before, and not since: a write that was acknowledged later was taken by another.
    /// </summary>
    private static bool IsPast(Disturbance disturbance, LeaseWrite write, IEnumerable<ShownPresence> holding, Dictionary<string, TimeSpan> first) =>
        disturbance.GoneBy is not null && disturbance.Span.From + Moment < write.Began
        && holding.Where(presence => presence.Holder == disturbance.Host).All(presence => first[presence.Ref] < disturbance.Span.From + Moment);

    private static Span ExcuseOf(Disturbance disturbance, LeaseWrite write, HashSet<int> holders) =>
        disturbance.GoneBy is not null && holders.Contains(disturbance.Host) && disturbance.Span.From + Moment >= write.Began
            ? disturbance.Span with { To = TimeSpan.MaxValue }
            : disturbance.Shows;

    /// <summary>For each acknowledged write, when the key is to be listed everywhere because of it: until the next one.</summary>
    private static IEnumerable<(LeaseWrite Write, Span Span)> Kept(IEnumerable<LeaseWrite> ofKey, TimeSpan end)
    {
        var writes = ofKey.OrderBy(write => write.Began).ToList();
        for (var index = 0; index < writes.Count; index++)
        {
            var write = writes[index];
            if (!write.IsAcknowledged || write.Number is null)
            {
                continue;
            }

            // A renewal has its own span from when it must have reached everybody; an end, whether answered or not, ends them all.
            var ended = writes.Skip(index + 1).FirstOrDefault(later => later.Number is null)?.Began ?? end;
            var renewed = writes.Skip(index + 1).FirstOrDefault(later => later is { IsAcknowledged: true, Number: not null })?.Ended + Propagation ?? end;
            yield return (write, new Span(write.Ended + Propagation, new[] { ended, renewed, write.Began + LeaseKeeper.Lease, end }.Min()));
        }
    }
}
