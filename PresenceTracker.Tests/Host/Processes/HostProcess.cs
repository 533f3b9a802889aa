using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Diagnostics.NETCore.Client;
using PresenceTracker.Tests.Cluster.Processes;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>A Host as a process of its own, and a client of its HTTP API.</summary>
internal sealed class HostProcess : ChildProcess
{
    private readonly HostProcessOptions _options;
    private readonly Task _reading;

    private HostProcess(HostProcessOptions options)
        : base(options.NodeAddress, options.Program, options.ToArguments())
    {
        _options = options;
        Http = new HttpClient { BaseAddress = options.Url, Timeout = TimeSpan.FromSeconds(60) };
        _reading = ReadOutputAsync();
    }

    public HttpClient Http { get; }

    public Uri Url => _options.Url;

    /// <summary>What a browser calls it.</summary>
    public string Origin => Url.GetLeftPart(UriPartial.Authority);

    public string NodeAddress => _options.NodeAddress;

    public static HostProcess Launch(HostProcessOptions options) => new(options);

    /// <summary>Starts another life with the same addresses.</summary>
    public HostProcess LaunchAgain() => new(_options);

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await Http.GetAsync("health/ready");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Joined and synced.</summary>
    public Task<TimeSpan> ReadyAsync() => Eventually.HoldsAsync($"{Name} ready", TimeSpan.FromSeconds(30), async () =>
    {
        if (HasExited)
        {
            throw new InvalidOperationException($"{Name} has exited:\n{Log}");
        }

        return await IsReadyAsync() ? null : $"not ready\n{Log}";
    });

    /// <returns>The ref of the presence.</returns>
    public async Task<string> PutAsync(string topic, string key, string lease = "30s", string meta = "{}")
    {
        using var body = new StringContent(meta, Encoding.UTF8, "application/json");
        using var response = await Http.PutAsync($"{PathOf(topic, key)}?lease={lease}", body);
        await SuccessAsync(response);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!["ref"]!.GetValue<string>();
    }

    public async Task DeleteAsync(string topic, string key)
    {
        using var response = await Http.DeleteAsync(PathOf(topic, key));
        await SuccessAsync(response);
    }

    /// <returns>The refs in the topic, by key.</returns>
    public async Task<SortedDictionary<string, string[]>> ListAsync(string topic) => PresenceFold.RefsOf(await StateAsync(topic));

    /// <returns>The topic in the shape of <c>presence_state</c>.</returns>
    public Task<JsonObject> StateAsync(string topic) => StateAsync(Http, topic);

    /// <param name="http">A client of whichever Host.</param>
    public static async Task<JsonObject> StateAsync(HttpClient http, string topic) =>
        (await http.GetFromJsonAsync<JsonObject>($"api/topics/{Uri.EscapeDataString(topic)}/presences"))!;

    public async Task<(int Keys, int Metas)> CountAsync(string topic)
    {
        var count = await Http.GetFromJsonAsync<JsonObject>($"api/topics/{Uri.EscapeDataString(topic)}/count");
        return (count!["keys"]!.GetValue<int>(), count["metas"]!.GetValue<int>());
    }

    /// <returns>The state of each node that this one knows, by address.</returns>
    public async Task<SortedDictionary<string, string>> NodeStatesAsync()
    {
        var answer = await Http.GetFromJsonAsync<JsonObject>("api/nodes");
        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in answer!["nodes"]!.AsArray())
        {
            states[node!["address"]!.GetValue<string>()] = node["state"]!.GetValue<string>();
        }

        return states;
    }

    /// <summary>Has all garbage collected.</summary>
    /// <returns>How much is alive on the managed heap afterwards, in bytes.</returns>
    public async Task<double> LiveBytesAsync()
    {
        const string Collections = "dotnet_gc_collections_total";
        const string OldestGeneration = "gc_heap_generation=\"gen2\"";
        var before = await MetricAsync(Collections, OldestGeneration);

        // The runtime collects when somebody begins to listen so.
        const long GCHeapCollect = 0x800000;
        using (var session = await new DiagnosticsClient(Process.Id).StartEventPipeSessionAsync(
            new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, GCHeapCollect), requestRundown: false, token: default))
        {
            var draining = session.EventStream.CopyToAsync(Stream.Null);
            await Eventually.HoldsAsync("a collection of everything", TimeSpan.FromSeconds(30), async () =>
                await MetricAsync(Collections, OldestGeneration) is var now && now > before ? null : $"{now} after {before}");
            await session.StopAsync(default);
            await draining;
        }

        return await MetricAsync("dotnet_gc_last_collection_heap_size_bytes") - await MetricAsync("dotnet_gc_last_collection_heap_fragmentation_size_bytes");
    }

    /// <param name="tag">Only the series with this tag, as <c>name="value"</c>.</param>
    /// <returns>The sum of all series of the metric; 0 if it is not told.</returns>
    public async Task<double> MetricAsync(string name, string? tag = null)
    {
        var told = (await Http.GetStringAsync("metrics")).Split('\n').Where(line =>
            line.StartsWith(name + "{", StringComparison.Ordinal) && (tag is null || line.Contains(tag, StringComparison.Ordinal)));
        return told.Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public override async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!HasExited)
        {
            // A paused process dies only of this one.
            await KillAsync();
        }

        await _reading;
        await base.DisposeAsync();
    }

    private static string PathOf(string topic, string key) =>
        $"api/topics/{Uri.EscapeDataString(topic)}/presences/{Uri.EscapeDataString(key)}";

    private async Task SuccessAsync(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{Name} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}\n{Log}");
        }
    }

    private async Task ReadOutputAsync()
    {
        while (await Process.StandardOutput.ReadLineAsync() is { } line)
        {
            Keep(line);
        }
    }
}
