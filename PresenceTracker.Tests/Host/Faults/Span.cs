namespace PresenceTracker.Tests.Host.Faults;

/// <summary>From one moment of the run to another.</summary>
internal readonly record struct Span(TimeSpan From, TimeSpan To)
{
    public TimeSpan Length => To - From;

    public bool Meets(Span other) => From <= other.To && other.From <= To;

    /// <returns>What both have in common; of no length, or less, if that is nothing.</returns>
    public Span Within(Span other) => new(From > other.From ? From : other.From, To < other.To ? To : other.To);

    /// <returns>What of this span none of the others covers, without what is shorter than <paramref name="least"/>.</returns>
    public IEnumerable<Span> Without(IEnumerable<Span> others, TimeSpan least)
    {
        var from = From;
        foreach (var other in others.Where(Meets).OrderBy(other => other.From))
        {
            if (other.From - from > least)
            {
                yield return new Span(from, other.From);
            }

            from = other.To > from ? other.To : from;
        }

        if (To - from > least)
        {
            yield return new Span(from, To);
        }
    }

    public override string ToString() => $"{From.TotalSeconds:F2}–{To.TotalSeconds:F2} s";
}
