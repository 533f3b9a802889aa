using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Simulator;

/// <summary>The draws that a simulation needs.</summary>
internal static class PrngExtensions
{
    /// <summary>A generator for another purpose, so that one more draw here changes nothing there.</summary>
    public static Prng Fork(this Prng prng) => new(prng.NextUInt64());

    public static bool Chance(this Prng prng, double probability) => prng.NextDouble() < probability;

    /// <summary>Uniform; both ends can come up.</summary>
    public static int Between(this Prng prng, int min, int max) => min + prng.Next(max - min + 1);

    public static double Between(this Prng prng, double min, double max) => min + ((max - min) * prng.NextDouble());

    public static TimeSpan Between(this Prng prng, TimeSpan min, TimeSpan max) => min + ((max - min) * prng.NextDouble());

    public static TimeSpan Exponential(this Prng prng, TimeSpan mean) => mean * -Math.Log(1 - prng.NextDouble());

    public static T Pick<T>(this Prng prng, IReadOnlyList<T> items) => items[prng.Next(items.Count)];

    /// <summary>That many of the items, in random order.</summary>
    public static List<T> Pick<T>(this Prng prng, IEnumerable<T> items, int count)
    {
        var left = items.ToList();
        for (var i = 0; i < left.Count; i++)
        {
            var other = i + prng.Next(left.Count - i);
            (left[i], left[other]) = (left[other], left[i]);
        }

        return left[..Math.Min(count, left.Count)];
    }
}
