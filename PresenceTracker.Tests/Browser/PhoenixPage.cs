using System.Text.Json.Nodes;
using Microsoft.Playwright;
using PresenceTracker.Tests.Clients;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.Browser;

/// <summary>A page of a node with the browser build of phoenix.js: <c>Clients/phoenix-page.js</c>.</summary>
internal sealed class PhoenixPage
{
    private const string Script = "/phoenix-page.js";
    private const string Library = "/phoenix.mjs";

    private readonly IPage _page;

    private PhoenixPage(IPage page, string key) => (_page, Key) = (page, key);

    public string Key { get; }

    public static async Task<PhoenixPage> OpenAsync(Chromium chromium, HostProcess host, string topic, string key)
    {
        await ForeignClients.InstalledAsync();
        var page = await chromium.NewPageAsync();
        await ServeAsync(page, Script, ForeignClients.Folder + Script);
        await ServeAsync(page, Library, Path.Combine(ForeignClients.Folder, "node_modules", "phoenix", "priv", "static") + Library);

        // A document that comes from the node: one that only the test serves is to Chromium of another network, and may not reach this machine.
        await page.GotoAsync($"{host.Origin}/health/live?topic={Uri.EscapeDataString(topic)}&key={Uri.EscapeDataString(key)}");
        await StartAsync(page);
        return new PhoenixPage(page, key);
    }

    /// <summary>As a person does it: the channel is gone, until it is joined again.</summary>
    public async Task ReloadAsync()
    {
        await _page.ReloadAsync();
        await StartAsync(_page);
    }

    public Task JoinAsync(string status) => DoAsync("join", status);

    public Task UpdateAsync(string status) => DoAsync("update", status);

    /// <summary>Ends the presence, and not the channel.</summary>
    public Task UntrackAsync() => DoAsync("untrack");

    public Task LeaveAsync() => DoAsync("leave");

    public async Task<JsonObject> ListAsync() => (await DoAsync("list"))!.AsObject();

    /// <summary>What the callbacks were told since they were asked for last.</summary>
    public async Task<List<string>> EventsAsync() => [.. (await DoAsync("events"))!.AsArray().Select(line => line!.GetValue<string>())];

    private static async Task ServeAsync(IPage page, string path, string file)
    {
        var body = await File.ReadAllTextAsync(file);
        await page.RouteAsync(
            url => new Uri(url).AbsolutePath == path, route => route.FulfillAsync(new() { ContentType = "text/javascript", Body = body }));
    }

    private static Task StartAsync(IPage page) => page.AddScriptTagAsync(new() { Url = Script, Type = "module" });

    private async Task<JsonNode?> DoAsync(string command, string? argument = null) => JsonNode.Parse(await _page.EvaluateAsync<string>(
        "async ([command, argument]) => JSON.stringify(await window.person[command](argument) ?? null)", new[] { command, argument }).InTime());
}
