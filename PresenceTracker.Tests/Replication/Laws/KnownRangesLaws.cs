using CsCheck;
using PresenceTracker.Protocol.Replication;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Replication.Laws;

public sealed class KnownRangesLaws(ITestOutputHelper output)
{
    private const int DotsMax = 12;

    private static readonly Gen<(ulong From, ulong To, ulong AsOf, bool IsDelta)[]> Messages = (
        from isDelta in Gen.Bool
        from @from in Gen.ULong[0, DotsMax - 1]
        from to in Gen.ULong[@from + 1, DotsMax]
        from asOf in Gen.ULong[to, DotsMax + 3]
        select (@from, to, isDelta ? to : asOf, isDelta)).Array[1, 14];

    [Fact]
    public void Ranges_say_what_a_model_says_that_keeps_a_version_for_every_dot() =>
        Law.Check(
            output,
            nameof(KnownRangesLaws),
            Messages,
            LawClass.Chunk | LawClass.Split | LawClass.Disorder | LawClass.Repetition,
            messages =>
            {
                var ranges = new KnownRanges();
                var model = new ulong[DotsMax + 1];
                var seen = LawClass.None;
                foreach (var (from, to, asOf, isDelta) in messages)
                {
                    var older = Dots(from, to).Where(dot => model[dot] < asOf).ToList();
                    Assert.Equal(older, ranges.OlderThan(from, to, asOf).SelectMany(range => Dots(range.From, range.To)));
                    seen |= older.Count == 0 ? LawClass.Repetition : LawClass.None;
                    seen |= from > ContiguousTo(model) ? LawClass.Disorder : LawClass.None;
                    seen |= older.Count > 0 && older.Count < (int)(to - from) ? LawClass.Split : LawClass.None;
                    seen |= isDelta ? LawClass.None : LawClass.Chunk;

                    ranges.Cover(from, to, asOf, isDelta);
                    foreach (var dot in Dots(0, DotsMax))
                    {
                        // Zero is a dot of which nothing is known.
                        var isLifted = isDelta && model[dot] > 0 && model[dot] >= from;
                        if (isLifted || (dot > from && dot <= to))
                        {
                            model[dot] = Math.Max(model[dot], asOf);
                        }
                    }

                    Compare(model, ranges);
                }

                return seen;
            });

    private static void Compare(ulong[] model, KnownRanges ranges)
    {
        var context = Dots(0, DotsMax).LastOrDefault(w => Dots(0, w).All(dot => model[dot] >= w));
        var coveredTo = Dots(0, DotsMax).TakeWhile(dot => model[dot] > context).LastOrDefault();
        Assert.Equal(context, ranges.Context);
        Assert.Equal(ContiguousTo(model), ranges.ContiguousTo);
        Assert.Equal(coveredTo, ranges.CoveredTo);
        Assert.Equal(Dots(0, coveredTo).Select(dot => model[dot]).DefaultIfEmpty(0UL).Min(), ranges.CoveredAsOf);
    }

    private static ulong ContiguousTo(ulong[] model) => Dots(0, DotsMax).TakeWhile(dot => model[dot] > 0).LastOrDefault();

    private static IEnumerable<ulong> Dots(ulong from, ulong to)
    {
        for (var dot = from + 1; dot <= to; dot++)
        {
            yield return dot;
        }
    }
}
