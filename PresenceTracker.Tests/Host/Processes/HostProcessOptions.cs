namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Where one Host listens and whom it greets.</summary>
/// <param name="Arguments">Further ones.</param>
internal sealed record HostProcessOptions(int HttpPort, int NodePort, string[] Seeds, params string[] Arguments)
{
    /// <summary>The port that others know it by, if that is another one; the arguments must say so too.</summary>
    public int? PublicPort { get; init; }

    /// <summary>The file of the program.</summary>
    public string Program { get; init; } = typeof(global::PresenceTracker.Host.HostProgram).Assembly.Location;

    public Uri Url => new($"http://127.0.0.1:{HttpPort}/");

    public string NodeAddress => $"127.0.0.1:{PublicPort ?? NodePort}";

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
