using System.Globalization;

namespace PresenceTracker.Host;

/// <summary>
/// Reads the options of the program and notes every fault instead of stopping at the first. What cannot be used reads as its default, or as nothing.
/// </summary>
/// <param name="faults">Where faults are noted, each as one line.</param>
internal sealed class HostOptionReader(IConfiguration configuration, List<string> faults)
{
    /// <summary>Null if it is not given, or empty.</summary>
    public string? Text(HostOption option) => configuration[option.Key] is { Length: > 0 } text ? text : null;

    public string[] List(HostOption option) => Split(Text(option), ',');

    /// <summary>What of the list is as it must be.</summary>
    public IReadOnlyList<T> List<T>(HostOption option, Func<string, T?> parse, string allowed)
        where T : class =>
        [.. List(option).Select(text => Parsed(option, text, parse(text), allowed)).OfType<T>()];

    public int Number(HostOption option, int otherwise, int min, int max, string allowed) =>
        Text(option) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : Refused(option, text, allowed, otherwise);

    public bool Flag(HostOption option) =>
        Text(option) is { } text && (bool.TryParse(text, out var isSet) ? isSet : Refused(option, text, "true or false", otherwise: false));

    public T? Value<T>(HostOption option, Func<string, T?> parse, string allowed)
        where T : class =>
        Text(option) is { } text ? Parsed(option, text, parse(text), allowed) : null;

    /// <summary>One that is given and empty is a secret that did not arrive: without it everybody may write, or join.</summary>
    public string? Secret(HostOption option)
    {
        var text = configuration[option.Key];
        if (text is null || !string.IsNullOrWhiteSpace(text))
        {
            return text;
        }

        faults.Add($"{option.Ways} is empty: give it a value, or leave the option away");
        return null;
    }

    /// <summary>The content of the file.</summary>
    public string? Content(HostOption option)
    {
        if (Text(option) is not { } file)
        {
            return null;
        }

        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            faults.Add($"{option.Argument} {file}: {unreadable.Message}");
            return null;
        }
    }

    /// <summary>The URLs that are served: those given, and those of Kestrel's own section, if there is one. The faulty ones are left out.</summary>
    public IReadOnlyList<string> ServedUrls(string urls)
    {
        var sections = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>();
        var served = new List<string>();
        foreach (var url in Split(urls, ';').Concat(sections))
        {
            if (LoopbackHosts.FaultOf(url) is { } fault)
            {
                faults.Add($"{HostOption.Urls.Argument} {url}: {fault}");
            }
            else
            {
                served.Add(url);
            }
        }

        return served;
    }

    private static string[] Split(string? text, char separator) =>
        (text ?? "").Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private T? Parsed<T>(HostOption option, string text, T? value, string allowed)
        where T : class =>
        value ?? Refused(option, text, allowed, otherwise: value);

    private T Refused<T>(HostOption option, string text, string allowed, T otherwise)
    {
        faults.Add($"{option.Argument} {text}: allowed is {allowed}");
        return otherwise;
    }
}
