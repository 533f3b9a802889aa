using System.Globalization;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>Values of one quantity, and their quantiles.</summary>
internal sealed class Sample(IEnumerable<double> values)
{
    private readonly double[] _sorted = [.. values.Order()];

    public int Count => _sorted.Length;

    public double Mean => _sorted.Average();

    public double Max => _sorted[^1];

    /// <summary>The least value that is not below that share of all.</summary>
    public double Quantile(double share) => _sorted[Math.Clamp((int)Math.Ceiling(share * _sorted.Length) - 1, 0, _sorted.Length - 1)];

    public static string Text(double value, int digits = 2) => value.ToString($"f{digits}", CultureInfo.InvariantCulture);
}
