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

    /// <param name="faults">What cannot be used is added here, each fault as one line; then the settings are of no use.</param>
    public static HostSettings From(IConfiguration configuration, List<string> faults)
    {
        var reader = new HostOptionReader(configuration, faults);
        var defaults = new PresenceTrackerOptions();

        // "urls" is ASP.NET Core's own, as in ASPNETCORE_URLS.
        var urls = reader.Text(HostOption.Urls) ?? configuration["urls"] ?? DefaultUrls;
        var served = reader.ServedUrls(urls);
        var settings = new HostSettings
        {
            Urls = urls,
            AllowedHosts = LoopbackHosts.AllowedHosts(served),
            NodeHost = reader.Text(HostOption.NodeHost) ?? defaults.NodeHost,
            NodePublicHost = reader.Text(HostOption.NodePublicHost),
            NodePort = reader.Number(HostOption.NodePort, defaults.NodePort, 0, ushort.MaxValue, "0, for any free port, to 65535"),
            ClusterName = reader.Text(HostOption.ClusterName),
            Token = reader.Secret(HostOption.Token),
            Seeds = reader.List(HostOption.Seeds),
            DiscoveryDns = reader.List(HostOption.DiscoveryDns),
            DiscoveryFile = reader.Value(HostOption.DiscoveryFile, Path.GetFullPath, "a path"),
            DiscoveryMulticast = reader.Flag(HostOption.DiscoveryMulticast),
            Hocon = reader.Content(HostOption.Config),
            ApiKey = reader.Secret(HostOption.ApiKey),
            AllowedOrigins = reader.List(HostOption.AllowedOrigins, Origin, "a site such as https://chat.example"),
            OtlpEndpoint = reader.Value(HostOption.OtlpEndpoint, Url, "a URL such as http://127.0.0.1:4317"),
            EventStreamsMax = reader.Number(
                HostOption.EventStreamsMax, new PresenceApiOptions().EventStreamsMax, 1, int.MaxValue, "1 and more"),
        };
        if (configuration[HostOption.ApiKey.Key] is null && !reader.Flag(HostOption.Insecure))
        {
            faults.AddRange(served.Where(url => !LoopbackHosts.IsLoopback(url)).Select(url =>
                $"{url} can be reached from other machines, and whoever reaches it could write: give a key by " +
                $"{HostOption.ApiKey.Argument} {HostOption.ApiKey.Value}, or allow it by {HostOption.Insecure.Argument}"));
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

    private static Uri? Url(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static string? Origin(string text) => Url(text) is { AbsolutePath: "/" } url ? url.GetLeftPart(UriPartial.Authority) : null;
}
