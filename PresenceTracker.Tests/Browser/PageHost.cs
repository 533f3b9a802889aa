using PresenceTracker.Host;
using PresenceTracker.Tests.Cluster.Processes;

namespace PresenceTracker.Tests.Browser;

/// <summary>A Host in a process of its own, as a browser reaches it. Disposing it kills the process.</summary>
internal sealed class PageHost : ChildProcess
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);

    private readonly int _nodePort;
    private readonly string _seed;

    private PageHost(int httpPort, int nodePort, string seed)
        : base(
            $"127.0.0.1:{nodePort}",
            typeof(HostProgram).Assembly.Location,
            ["--urls", $"http://127.0.0.1:{httpPort}", "--node-port", $"{nodePort}", "--seeds", seed])
    {
        _nodePort = nodePort;
        _seed = seed;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}") };
        Process.OutputDataReceived += (_, line) => Keep(line.Data);
        Process.BeginOutputReadLine();
    }

    public HttpClient Http { get; }

    public string Url => Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <summary>What other nodes and the page call it.</summary>
    public string Address => Name;

    /// <summary>Starts so many that find each other, and waits until each is ready and sees all.</summary>
    public static async Task<PageHost[]> StartClusterAsync(int nodes)
    {
        var seed = FreePorts.Take();
        var hosts = Enumerable.Range(0, nodes)
            .Select(number => new PageHost(FreePorts.Take(), number == 0 ? seed : FreePorts.Take(), $"127.0.0.1:{seed}")).ToArray();
        try
        {
            await Task.WhenAll(hosts.Select(host => host.ReadyAsync(nodes)));
            return hosts;
        }
        catch
        {
            await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));
            throw;
        }
    }

    /// <summary>The next life of a killed one, at the same addresses. Ready or not when this returns.</summary>
    public PageHost Restart() => new(Http.BaseAddress!.Port, _nodePort, _seed);

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await base.DisposeAsync();
    }

    private Task ReadyAsync(int nodes) => Eventually.HoldsAsync($"{Url} is ready and sees {nodes} nodes up", ReadyPatience, async () =>
    {
        if (HasExited)
        {
            throw new InvalidOperationException($"{Url} has ended with {Process.ExitCode}\n{Log}");
        }

        try
        {
            using var ready = await Http.GetAsync("/health/ready");
            var seen = await Http.GetStringAsync("/api/nodes");
            var up = seen.Split("\"state\":\"up\"").Length - 1;
            return ready.IsSuccessStatusCode && up == nodes ? null : $"{ready.StatusCode}, {seen}\n{Log}";
        }
        catch (HttpRequestException notYet)
        {
            return $"{notYet.Message}\n{Log}";
        }
    });
}
