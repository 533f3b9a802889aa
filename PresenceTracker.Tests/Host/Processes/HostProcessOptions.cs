namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Where one Host listens and whom it greets.</summary>
/// <param name="Arguments">Further ones.</param>
internal sealed record HostProcessOptions(int HttpPort, int NodePort, string[] Seeds, params string[] Arguments)
{
    public Uri Url => new($"http://127.0.0.1:{HttpPort}/");

    public string NodeAddress => $"127.0.0.1:{NodePort}";

    public IEnumerable<string> ToArguments()
    {
        yield return "--urls";
        yield return $"http://127.0.0.1:{HttpPort}";
        yield return "--node-port";
        yield return $"{NodePort}";
        if (Seeds.Length > 0)
        {
            yield return "--seeds";
            yield return string.Join(',', Seeds);
        }

        foreach (var argument in Arguments)
        {
            yield return argument;
        }
    }
}
