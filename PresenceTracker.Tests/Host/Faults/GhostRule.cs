namespace PresenceTracker.Tests.Host.Faults;

/// <summary>
/// No ghost, and nothing comes back from the dead: whatever is shown was asked for, reads the same everywhere, and is gone soon after it was
/// ended, given another meta, or its Host died, unless something was done to those who have to hear of it.
/// </summary>
internal static class GhostRule
{
    private static readonly TimeSpan Propagation = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    public static Verdict Judge(History history, TimeSpan end)
    {
        var shown = history.Sessions.SelectMany(session => session.Shown.Select(one => (Session: session, Presence: one))).ToList();
        var ended = Ended(history, shown, end);
        return ended with { Breaches = [.. Unasked(history, shown), .. Ambiguous(shown), .. ended.Breaches, .. Dead(history, shown, end)] };
    }

    private static IEnumerable<string> Unasked(History history, List<(WatchSession Session, ShownPresence Presence)> shown)
    {
        var asked = history.Writes.Where(write => write.Number is not null)
            .GroupBy(write => (write.Topic, write.Key, write.Number!.Value)).ToDictionary(same => same.Key, same => same.Min(write => write.Began));
        return shown
            .Where(one => !asked.TryGetValue((one.Session.Topic, one.Presence.Key, one.Presence.Number), out var at) || at > one.Presence.From)
            .Select(one => $"Host {one.Session.Host} shows {one.Presence}, which nobody has asked for");
    }

    private static IEnumerable<string> Ambiguous(List<(WatchSession Session, ShownPresence Presence)> shown) => shown
        .GroupBy(one => one.Presence.Ref)
        .Where(same => same.Select(one => (one.Session.Topic, one.Presence.Key, one.Presence.Number, one.Presence.Holder)).Distinct().Count() > 1)
        .Select(same => $"one ref is shown as {string.Join(" and as ", same.Select(one => $"{one.Presence}").Distinct())}");

    private static Verdict Ended(History history, List<(WatchSession Session, ShownPresence Presence)> shown, TimeSpan end)
    {
        var ofKeys = shown.ToLookup(one => (one.Session.Topic, one.Presence.Key));
        var sessions = history.Sessions.ToLookup(session => session.Topic);
        List<string> breaches = [];
        var (required, judged) = (TimeSpan.Zero, TimeSpan.Zero);
        foreach (var ofKey in history.Writes.GroupBy(write => (write.Topic, write.Key)))
        {
            foreach (var (number, began, writes) in EndsOf(ofKey))
            {
                HashSet<int> HoldersUntil(LeaseWrite write)
                {
                    var around = new Span(began, write.Ended + Propagation);
                    return [write.Through, .. ofKeys[ofKey.Key].Where(one => one.Session.SpanOf(one.Presence, end).Meets(around)).Select(one => one.Presence.Holder)];
                }

                var by = writes.First(write => write.IsAcknowledged);
                var late = new Span(by.Ended + Propagation, end);
                var holders = HoldersUntil(by);
                var undecided = late with { To = DecisiveOf(writes, write => IsUnheard(write, history.DisturbancesAmong(HoldersUntil(write))))?.Ended + Propagation ?? end };
                foreach (var session in sessions[ofKey.Key.Topic])
                {
                    // The newer holder tells the older, and who ended the lease tells both; what keeps one of them from it is an excuse.
                    var disturbances = history.DisturbancesAmong(holders.Append(session.Host)).ToList();
                    var isUnheard = IsUnheard(by, disturbances);
                    var excuses = disturbances.Select(one => isUnheard ? UnheardExcuseOf(one, by) : one.Lingers).Append(undecided).ToList();
                    var span = late.Within(session.SpanUntil(end));
                    required += span.Length > TimeSpan.Zero ? span.Length : TimeSpan.Zero;
                    judged += TimeSpan.FromTicks(span.Without(excuses, TimeSpan.Zero).Sum(part => part.Length.Ticks));
                    foreach (var presence in session.Shown.Where(one => one.Key == ofKey.Key.Key && one.Number == number))
                    {
                        breaches.AddRange(Later(presence, span with { To = session.SpanOf(presence, end).To }).Without(excuses, Moment).Select(ghost =>
                            $"Host {session.Host} shows {presence} for {ghost}, though {by} was acknowledged"));
                    }
                }
            }
        }

        return new Verdict(breaches, required, judged);
    }

    /// <summary>
    /// A Host that dies takes along what it remembers of ends: who could not hear of one at the time is told by nobody, until the lease runs out.
    /// </summary>
    private static Span UnheardExcuseOf(Disturbance one, LeaseWrite by) =>
        one.GoneBy is not null && one.Span.To >= by.Began && by.Ended + LeaseKeeper.Lease > one.Lingers.To
            ? one.Lingers with { To = by.Ended + LeaseKeeper.Lease }
            : one.Lingers;

    /// <summary>Whether one of those who have to hear of the write could not when it was made, and lives on.</summary>
    private static bool IsUnheard(LeaseWrite write, IEnumerable<Disturbance> disturbances) =>
        disturbances.Any(one => one.GoneBy is null && one.Lingers.Meets(new Span(write.Began, write.Ended + Propagation)));

    /// <summary>
    /// The write after which nothing of before may be shown any more; null if there is none. An end is repeated to who could not hear of it, and
    /// forgotten if the lease is tracked anew. Of two metas at holders that could not hear of each other the order of the holders decides, and not
    /// the time: whichever stays is there until the next write that both can hear of.
    /// </summary>
    private static LeaseWrite? DecisiveOf(IReadOnlyList<LeaseWrite> writes, Func<LeaseWrite, bool> isUnheard)
    {
        var open = writes.SkipWhile(write => !write.IsAcknowledged || isUnheard(write)).FirstOrDefault();
        var last = writes.TakeWhile(write => write != open).LastOrDefault(write => write.Number is not null || write.IsAcknowledged);
        return last is { Number: null, IsAcknowledged: true } ? last : open;
    }

    /// <summary>
    /// The writes after which a meta is over, from the last one of itself on, of which one was acknowledged. A meta that was ever in doubt may come
    /// through at any time, and has no certain end.
    /// </summary>
    private static IEnumerable<(int Number, TimeSpan Began, IReadOnlyList<LeaseWrite> Writes)> EndsOf(IEnumerable<LeaseWrite> ofKey)
    {
        var writes = ofKey.OrderBy(write => write.Began).ToList();
        foreach (var same in writes.Where(write => write.Number is not null).GroupBy(write => write.Number!.Value))
        {
            var last = same.Max(write => write.Began);
            var later = writes.FindAll(write => write.Began > last);
            if (later.Exists(write => write.IsAcknowledged) && same.All(write => write.IsAcknowledged))
            {
                yield return (same.Key, same.Min(write => write.Began), later);
            }
        }
    }

    private static IEnumerable<string> Dead(
        History history, List<(WatchSession Session, ShownPresence Presence)> shown, TimeSpan end)
    {
        var first = shown.GroupBy(one => one.Presence.Ref).ToDictionary(same => same.Key, same => same.Min(one => one.Presence.From));
        foreach (var (session, presence) in shown)
        {
            var death = history.Disturbances.FirstOrDefault(one =>
                one.GoneBy is not null && one.Host == presence.Holder && one.Span.From > first[presence.Ref]);
            if (death is null)
            {
                continue;
            }

            var late = new Span(death.GoneBy!.Value, session.SpanOf(presence, end).To);
            foreach (var ghost in Later(presence, late).Without(history.DisturbancesAmong(session.Host).Select(one => one.Shows), Moment))
            {
                yield return $"Host {session.Host} shows {presence} for {ghost}, after {death}";
            }
        }
    }

    /// <summary>The part of the span in which the presence was shown.</summary>
    private static Span Later(ShownPresence presence, Span late) => late with { From = presence.From > late.From ? presence.From : late.From };
}
