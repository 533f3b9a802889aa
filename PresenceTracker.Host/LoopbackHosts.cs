namespace PresenceTracker.Host;

/// <summary>Which of the URLs that a node serves are reached from its own machine alone.</summary>
internal static class LoopbackHosts
{
    // What a browser on the machine calls it.
    private static readonly string[] Names = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Why it is no URL that can be served; null if it is one. Only those can be asked about below.</summary>
    public static string? FaultOf(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return IsPipe(address) || address.Port is >= 0 and <= ushort.MaxValue
                ? null
                : $"allowed are the ports 0, for any free one, to {ushort.MaxValue}";
        }
        catch (FormatException malformed)
        {
            return malformed.Message;
        }
    }

    public static bool IsLoopback(string url)
    {
        var address = BindingAddress.Parse(url);
        return IsPipe(address) || IsLoopback(address);
    }

    /// <summary>
    /// The hosts under which a node may be asked whose URLs are all on this machine: a foreign name that leads here is that of a site which
    /// wants its pages to be taken for the node's own. Null if the node is to be reached by other names: from elsewhere, or through pipes.
    /// </summary>
    public static string? AllowedHosts(IReadOnlyCollection<string> urls)
    {
        var addresses = urls.Select(BindingAddress.Parse).Where(address => !IsPipe(address)).ToList();
        return addresses.Count > 0 && addresses.All(IsLoopback)
            ? string.Join(';', Names.Concat(addresses.Select(address => address.Host)).Distinct(StringComparer.OrdinalIgnoreCase))
            : null;
    }

    private static bool IsPipe(BindingAddress address) => address.IsUnixPipe || address.IsNamedPipe;

    private static bool IsLoopback(BindingAddress address) =>
        address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (System.Net.IPAddress.TryParse(address.Host, out var ip) && System.Net.IPAddress.IsLoopback(ip));
}
