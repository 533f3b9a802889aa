namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// What a receiver knows of one replica: disjoint ranges of dots by rising dot, each with the version it is known as of. In the steady
/// state this is the one range (0, context] as of context; more exist only while catching up.
/// </summary>
internal sealed class KnownRanges
{
    /// <summary>
    /// Chunks come in order from one peer, so a catch-up has a handful of ranges. Once there are more, only what begins where something is
    /// known already is taken in: that is what is asked for, and fills the gaps.
    /// </summary>
    public const int RangesMax = 1_024;

    private List<KnownRange> _ranges = [];

    /// <summary>
    /// The causal context: the largest W such that every dot in (0, W] is known as of at least W. Never a chunk's upper end, and never
    /// past what was really covered.
    /// </summary>
    public ulong Context { get; private set; }

    /// <summary>Every dot up to here is known as of a version above the context: where the next chunk begins.</summary>
    public ulong CoveredTo { get; private set; }

    /// <summary>The lowest version that a dot up to <see cref="CoveredTo"/> is known as of; zero if there is none.</summary>
    public ulong CoveredAsOf { get; private set; }

    /// <summary>Every dot up to here is known, as of whatever version.</summary>
    public ulong ContiguousTo { get; private set; }

    public bool HasRoomFor(ulong from) => _ranges.Count < RangesMax || from <= ContiguousTo;

    /// <summary>
    /// The parts of (from, to] that are known as of less than <paramref name="asOf"/>: only there does a message say something new.
    /// </summary>
    public List<(ulong From, ulong To)> OlderThan(ulong from, ulong to, ulong asOf)
    {
        var older = new List<(ulong From, ulong To)>();
        var position = from;
        for (var i = FirstEndingAfter(from); i < _ranges.Count && position < to; i++)
        {
            var range = _ranges[i];
            if (range.AsOf < asOf)
            {
                continue;
            }

            if (range.From > position)
            {
                older.Add((position, Math.Min(range.From, to)));
            }

            position = Math.Max(position, range.To);
        }

        if (position < to)
        {
            older.Add((position, to));
        }

        return older;
    }

    /// <summary>
    /// A message covered (from, to] as of <paramref name="asOf"/>; a delta says in addition what happened to all older dots since <paramref
    /// name="from"/>.
    /// </summary>
    public void Cover(ulong from, ulong to, ulong asOf, bool isDelta)
    {
        var ranges = new List<KnownRange>(_ranges.Count + 2);
        var position = from;
        foreach (var range in _ranges)
        {
            // A delta carries every removal of (from, V]; whoever knew a range at `from` or later knows it at V by applying them.
            var lifted = isDelta && range.AsOf >= from ? range with { AsOf = Math.Max(range.AsOf, asOf) } : range;
            var overlapFrom = Math.Max(range.From, from);
            var overlapTo = Math.Min(range.To, to);
            if (overlapFrom >= overlapTo)
            {
                if (range.From >= to)
                {
                    Append(ranges, new KnownRange(position, to, asOf));
                    position = Math.Max(position, to);
                }

                Append(ranges, lifted);
                continue;
            }

            Append(ranges, lifted with { To = overlapFrom });
            Append(ranges, new KnownRange(position, overlapFrom, asOf));
            Append(ranges, new KnownRange(overlapFrom, overlapTo, Math.Max(lifted.AsOf, asOf)));
            Append(ranges, lifted with { From = overlapTo });
            position = overlapTo;
        }

        Append(ranges, new KnownRange(position, to, asOf));
        _ranges = ranges;
        Measure();
    }

    private static void Append(List<KnownRange> ranges, KnownRange range)
    {
        if (range.From >= range.To)
        {
            return;
        }

        if (ranges.Count > 0 && ranges[^1].To == range.From && ranges[^1].AsOf == range.AsOf)
        {
            ranges[^1] = ranges[^1] with { To = range.To };
            return;
        }

        ranges.Add(range);
    }

    private int FirstEndingAfter(ulong dot)
    {
        var i = 0;
        while (i < _ranges.Count && _ranges[i].To <= dot)
        {
            i++;
        }

        return i;
    }

    private void Measure()
    {
        Context = 0;
        ContiguousTo = 0;
        var lowestAsOf = ulong.MaxValue;
        foreach (var range in _ranges)
        {
            if (range.From != ContiguousTo)
            {
                break;
            }

            ContiguousTo = range.To;
            lowestAsOf = Math.Min(lowestAsOf, range.AsOf);
            Context = Math.Max(Context, Math.Min(ContiguousTo, lowestAsOf));
        }

        CoveredTo = 0;
        CoveredAsOf = 0;
        foreach (var range in _ranges)
        {
            if (range.From != CoveredTo || range.AsOf <= Context)
            {
                break;
            }

            CoveredTo = range.To;
            CoveredAsOf = range.From == 0 ? range.AsOf : Math.Min(CoveredAsOf, range.AsOf);
        }
    }
}
