namespace PresenceTracker.Host;

/// <summary>
/// One option of the program: <c>--node-port</c> as an argument, <c>PRESENCE_NODE_PORT</c> in the environment, <c>Presence:node-port</c> in
/// <c>appsettings.json</c>. The first of these that is given rules.
/// </summary>
/// <param name="Name">Without dashes in front.</param>
/// <param name="Value">What the value is, for the help; null for one that is only there or not.</param>
/// <param name="Help">What follows from it.</param>
internal sealed record HostOption(string Name, string? Value, string Help)
{
    public const string Section = "Presence";
    public const string VariablePrefix = "PRESENCE_";

    public static readonly HostOption Urls = new(
        "urls", "URLS", "where to serve HTTP, separated by semicolons; default http://127.0.0.1:5000");

    public static readonly HostOption NodeHost = new(
        "node-host", "HOST", "where to listen for other nodes; 0.0.0.0 for all interfaces; default 127.0.0.1");

    public static readonly HostOption NodePublicHost = new(
        "node-public-host", "NAME", "how other nodes reach this one, if not by the node host");

    public static readonly HostOption NodePort = new(
        "node-port", "PORT", "the port to listen on for other nodes; 0 for any free one; default 4053");

    public static readonly HostOption ClusterName = new(
        "cluster-name", "NAME", "nodes with another name are refused; default presence");

    public static readonly HostOption Seeds = new(
        "seeds", "HOST:PORT,...", "the nodes to greet first, as they advertise themselves; with none, a new cluster begins");

    public static readonly HostOption DiscoveryDns = new(
        "discovery-dns", "NAME:PORT,...", "names whose addresses are nodes to greet, asked for again and again");

    public static readonly HostOption DiscoveryFile = new(
        "discovery-file", "FILE", "a file with the address of a node to greet in each line, read again when it changes");

    public static readonly HostOption DiscoveryMulticast = new(
        "discovery-multicast", null, "find nodes on the same LAN by multicast");

    public static readonly HostOption Token = new(
        "token", "SECRET", "nodes without the same secret are refused; give it by the environment");

    public static readonly HostOption Config = new(
        "config", "FILE", "further settings in HOCON, such as config/node.conf");

    public static readonly HostOption ApiKey = new(
        "api-key", "KEY", "what HTTP writes and the hub must be given as \"Authorization: Bearer KEY\"");

    public static readonly HostOption Insecure = new(
        "insecure", null, "let everybody write who can reach a URL beyond this machine, without a key");

    public static readonly HostOption AllowedOrigins = new(
        "allowed-origins", "URL,...", "sites, beside the node's own page, whose pages may use the API and the hub");

    public static readonly HostOption OtlpEndpoint = new(
        "otlp-endpoint", "URL", "where to send metrics by OTLP over gRPC, beside /metrics");

    public static readonly HostOption EventStreamsMax = new(
        "event-streams-max", "NUMBER", "how many event streams may be open at a time; default 16384");

    public static IReadOnlyList<HostOption> All { get; } =
    [
        Urls, NodeHost, NodePublicHost, NodePort, ClusterName, Token, Seeds, DiscoveryDns, DiscoveryFile, DiscoveryMulticast, Config, ApiKey,
        Insecure, AllowedOrigins, OtlpEndpoint, EventStreamsMax,
    ];

    public string Argument => "--" + Name;

    public string Variable => VariablePrefix + Name.Replace('-', '_').ToUpperInvariant();

    public string Key => $"{Section}:{Name}";

    /// <summary>How it is given, for whoever has given it wrongly.</summary>
    public string Ways => $"{Argument} or {Variable}";
}
