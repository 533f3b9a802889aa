using System.Collections.Immutable;
using System.Globalization;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>An axis from the least to the greatest of what lies on it.</summary>
/// <param name="Label">What it shows, with its unit.</param>
/// <param name="IsLogarithmic">Else it begins at zero.</param>
internal sealed record PlotAxis(string Label, bool IsLogarithmic)
{
    private const int LinearTicks = 6;

    /// <summary>Where an axis that must show these begins and ends, and what is written beside it: round numbers.</summary>
    public (double From, double To, ImmutableArray<double> Ticks) Scale(IEnumerable<double> values)
    {
        var all = values.ToList();
        return IsLogarithmic ? Logarithmic(all.Min(), all.Max()) : Linear(all.Max());
    }

    /// <summary>Which part of the way from the beginning to the end the value lies at.</summary>
    public double Place(double value, double from, double to) =>
        IsLogarithmic ? Math.Log(value / from) / Math.Log(to / from) : (value - from) / (to - from);

    public static string Text(double value) => value switch
    {
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000_000:0.##} M"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000:0.##} k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.##}"),
    };

    private static (double From, double To, ImmutableArray<double> Ticks) Logarithmic(double min, double max)
    {
        var from = Math.Pow(10, Math.Floor(Math.Log10(min) + 1e-9));
        var ticks = ImmutableArray.CreateBuilder<double>();
        for (var tick = from; ticks.Count == 0 || ticks[^1] < max * (1 - 1e-9); tick *= 10)
        {
            ticks.Add(tick);
        }

        return (from, ticks[^1], ticks.ToImmutable());
    }

    private static (double From, double To, ImmutableArray<double> Ticks) Linear(double max)
    {
        var rough = max / LinearTicks;
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double[] steps = [1, 2, 5, 10];
        var step = steps.First(factor => factor * magnitude >= rough * (1 - 1e-9)) * magnitude;
        var count = (int)Math.Ceiling((max / step) - 1e-9);
        return (0, count * step, [.. Enumerable.Range(0, count + 1).Select(i => i * step)]);
    }
}
