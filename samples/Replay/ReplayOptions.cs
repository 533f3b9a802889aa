using System.Globalization;

namespace Replay;

/// <param name="Nodes">The HTTP addresses of the nodes.</param>
/// <param name="Speed">How much faster than in 2014; null for as fast as it goes.</param>
/// <param name="Days">How much of the year.</param>
/// <param name="ApiKey">What the nodes want writes to carry; null for nodes that want nothing.</param>
internal sealed record ReplayOptions(IReadOnlyList<Uri> Nodes, double? Speed, int Days, string? ApiKey = null)
{
    private const string Usage =
        "usage: dotnet run --project samples/Replay -- [--nodes http://127.0.0.1:5000,http://127.0.0.1:5001] [--speed 1000] [--days 365] " +
        "[--api-key KEY]";

    /// <exception cref="ReplayException">An argument is unknown or has no sensible value.</exception>
    public static ReplayOptions Parse(string[] args)
    {
        var options = new ReplayOptions([new Uri("http://127.0.0.1:5000")], Speed: null, Days: 365);
        for (var index = 0; index < args.Length; index += 2)
        {
            var value = index + 1 < args.Length ? args[index + 1] : "";
            options = args[index] switch
            {
                "--nodes" => options with { Nodes = [.. value.Split(',').Select(ParseUrl)] },
                "--speed" => options with { Speed = ParseNumber("--speed", value) },
                "--days" => options with { Days = (int)Math.Ceiling(ParseNumber("--days", value)) },
                "--api-key" => options with { ApiKey = ParseKey(value) },
                var unknown => throw new ReplayException($"there is no argument {unknown}\n{Usage}"),
            };
        }

        return options;
    }

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new ReplayException($"--nodes: {text} is no http address\n{Usage}");

    // What the header can carry.
    private static string ParseKey(string text) =>
        text.Length > 0 && text.All(letter => letter is > ' ' and <= '~')
            ? text
            : throw new ReplayException($"--api-key: a key has one or more visible ASCII characters\n{Usage}");

    private static double ParseNumber(string name, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1e9
            ? number
            : throw new ReplayException($"{name}: '{text}' is no number above 0\n{Usage}");
}
