using System.Globalization;
using System.Text.Json;
using PresenceTracker.SignalR.Http;

namespace PresenceTracker.Host;

/// <summary>The options of the program, read and checked.</summary>
internal sealed class HostSettings
{
    private const string DefaultUrls = "http://127.0.0.1:5000";

    public required string Urls { get; init; }

    public required string NodeHost { get; init; }

    public string? NodePublicHost { get; init; }

    public required int NodePort { get; init; }

    public string? ClusterName { get; init; }

    public string? Token { get; init; }

    public required IReadOnlyList<string> Seeds { get; init; }

    public required IReadOnlyList<string> DiscoveryDns { get; init; }

    /// <summary>Absolute.</summary>
    public string? DiscoveryFile { get; init; }

    public required bool DiscoveryMulticast { get; init; }

    /// <summary>The content of the file that <see cref="HostOption.Config"/> names.</summary>
    public string? Hocon { get; init; }

    public string? ApiKey { get; init; }

    /// <summary>The hosts under which the node may be asked unless <c>AllowedHosts</c> is set; null for all.</summary>
    public string? AllowedHosts { get; init; }

    /// <summary>As browsers write them.</summary>
    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    public Uri? OtlpEndpoint { get; init; }

    public required int EventStreamsMax { get; init; }

    /// <exception cref="HostStartException">An option cannot be used.</exception>
    public static HostSettings From(IConfiguration configuration)
    {
        string? Text(HostOption option) => configuration[option.Key] is { Length: > 0 } text ? text : null;

        var defaults = new PresenceTrackerOptions();

        // "urls" is ASP.NET Core's own, as in ASPNETCORE_URLS.
        var urls = Text(HostOption.Urls) ?? configuration["urls"] ?? DefaultUrls;
        var served = ServedUrls(urls, configuration);
        var settings = new HostSettings
        {
            Urls = urls,
            AllowedHosts = LoopbackHosts.AllowedHosts(served),
            NodeHost = Text(HostOption.NodeHost) ?? defaults.NodeHost,
            NodePublicHost = Text(HostOption.NodePublicHost),
            NodePort = Text(HostOption.NodePort) is { } port ? Port(port) : defaults.NodePort,
            ClusterName = Text(HostOption.ClusterName),
            Token = configuration[HostOption.Token.Key] is { } token ? Secret(HostOption.Token, token) : null,
            Seeds = List(Text(HostOption.Seeds)),
            DiscoveryDns = List(Text(HostOption.DiscoveryDns)),
            DiscoveryFile = Text(HostOption.DiscoveryFile) is { } nodes ? Path.GetFullPath(nodes) : null,
            DiscoveryMulticast = Flag(HostOption.DiscoveryMulticast, Text(HostOption.DiscoveryMulticast)),
            Hocon = Text(HostOption.Config) is { } file ? Content(file) : null,
            ApiKey = configuration[HostOption.ApiKey.Key] is { } key ? Secret(HostOption.ApiKey, key) : null,
            AllowedOrigins = [.. List(Text(HostOption.AllowedOrigins)).Select(Origin)],
            OtlpEndpoint = Text(HostOption.OtlpEndpoint) is { } url ? Url(url) : null,
            EventStreamsMax = Text(HostOption.EventStreamsMax) is { } count ? Count(count) : new PresenceApiOptions().EventStreamsMax,
        };
        if (settings.ApiKey is null && !Flag(HostOption.Insecure, Text(HostOption.Insecure)))
        {
            RefuseUrlBeyondLoopback(served);
        }

        return settings;
    }

    /// <summary>As the library takes them. What was given to the program rules over its configuration file.</summary>
    public void ApplyTo(PresenceTrackerOptions options)
    {
        options.NodeHost = NodeHost;
        options.NodePort = NodePort;
        options.NodePublicHost = NodePublicHost;
        List<string> hocon = Hocon is null ? [] : [Hocon];
        Add("cluster-name", ClusterName);
        Add("token", Token);
        Add("seeds", Seeds.Count > 0 ? Seeds : null);
        Add("discovery.dns", DiscoveryDns.Count > 0 ? DiscoveryDns : null);
        Add("discovery.file", DiscoveryFile);
        Add("discovery.multicast", DiscoveryMulticast ? true : null);
        options.Hocon = hocon.Count == 0 ? null : string.Join('\n', hocon);

        // HOCON takes JSON as it is.
        void Add(string key, object? value)
        {
            if (value is not null)
            {
                hocon.Add($"presence.{key} = {JsonSerializer.Serialize(value)}");
            }
        }
    }

    private static string[] List(string? text) =>
        (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static int Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
            ? port
            : throw new HostStartException($"{HostOption.NodePort.Argument} {text}: allowed is 0, for any free port, to 65535");

    private static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1
            ? count
            : throw new HostStartException($"{HostOption.EventStreamsMax.Argument} {text}: allowed is 1 and more");

    // An empty one is a secret that did not arrive: without it everybody may write, or join.
    private static string Secret(HostOption option, string text) => string.IsNullOrWhiteSpace(text)
        ? throw new HostStartException($"{option.Ways} is empty: give it a value, or leave the option away")
        : text;

    private static bool Flag(HostOption option, string? text) => text is not null && (bool.TryParse(text, out var isSet)
        ? isSet
        : throw new HostStartException($"{option.Argument} {text}: allowed is true or false"));

    private static Uri Url(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new HostStartException($"{HostOption.OtlpEndpoint.Argument} {text}: allowed is a URL such as http://127.0.0.1:4317");

    private static string Content(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new HostStartException($"{HostOption.Config.Argument} {file}: {unreadable.Message}");
        }
    }

    private static string Origin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.AbsolutePath == "/"
            ? url.GetLeftPart(UriPartial.Authority)
            : throw new HostStartException($"{HostOption.AllowedOrigins.Argument} {text}: allowed is a site such as https://chat.example");

    /// <summary>Kestrel listens where its own section says, if there is one.</summary>
    private static List<string> ServedUrls(string urls, IConfiguration configuration) =>
    [
        .. urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        .. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>(),
    ];

    private static void RefuseUrlBeyondLoopback(IEnumerable<string> urls)
    {
        foreach (var url in urls)
        {
            if (!LoopbackHosts.IsLoopback(url))
            {
                throw new HostStartException(
                    $"{url} can be reached from other machines, and whoever reaches it could write: give a key by " +
                    $"{HostOption.ApiKey.Argument} {HostOption.ApiKey.Value}, or allow it by {HostOption.Insecure.Argument}");
            }
        }
    }
}
