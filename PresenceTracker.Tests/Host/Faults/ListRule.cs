namespace PresenceTracker.Tests.Host.Faults;

/// <summary>Folding the diffs gives the list: what a Host lists is what its event stream folds to at that time, give or take its delay.</summary>
internal static class ListRule
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    public static IEnumerable<string> Breaches(History history, TimeSpan end)
    {
        foreach (var list in history.Lists)
        {
            var span = new Span(list.Began, list.Ended + Delay);
            var session = history.Sessions.FirstOrDefault(session =>
                session.Host == list.Host && session.Topic == list.Topic && Covers(session.SpanUntil(end), span));
            if (session is null || history.DisturbancesAmong(list.Host).Any(one => one.Shows.Meets(span)))
            {
                continue;
            }

            var steps = session.Steps.Zip(
                session.Steps.Select(step => step.At).Skip(1).Append(end), (step, until) => (Span: new Span(step.At, until), step.Digest));
            if (!steps.Any(step => step.Digest == list.Digest && step.Span.Meets(span)))
            {
                yield return $"what Host {list.Host} lists in {list.Topic} at {new Span(list.Began, list.Ended)} is at no step what its event stream folds to";
            }
        }
    }

    private static bool Covers(Span whole, Span part) => whole.From <= part.From && part.To <= whole.To;
}
