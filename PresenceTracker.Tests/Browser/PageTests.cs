using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;
using static Microsoft.Playwright.Assertions;
using static PresenceTracker.Tests.Browser.PresencePage;

namespace PresenceTracker.Tests.Browser;

/// <summary>What people see on the page of a node, in real browsers on real processes.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed partial class PageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Phone =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

    // A killed node is down after at most 9 s; the rest is the load of the machine.
    private static readonly LocatorAssertionsToContainTextOptions WithinDeath = new() { Timeout = 20_000 };

    [BrowserFact]
    public async Task Two_people_on_two_nodes_see_each_other_until_one_node_is_killed()
    {
        await using var cluster = await HostCluster.StartAsync(2);
        var (nodeOfAnn, nodeOfBob) = (cluster.Hosts[0], cluster.Hosts[1]);
        var ann = await chromium.OpenAsync(nodeOfAnn, "/?room=lobby");
        var bob = await chromium.OpenAsync(nodeOfBob, "/?room=lobby", new() { UserAgent = Phone });

        await ann.GetByLabel("Your name").FillAsync("ann");
        await ann.GetByLabel("Your name").PressAsync("Enter");
        await Expect(Row(ann, "ann")).ToContainTextAsync("you");
        await Expect(Row(bob, "ann")).ToContainTextAsync("Chrome on Linux");
        await Expect(Row(bob, "ann")).ToContainTextAsync(nodeOfAnn.NodeAddress);

        await bob.GotoAsync($"{nodeOfBob.Origin}/?room=lobby&name=bob");
        await Expect(Row(ann, "bob")).ToContainTextAsync("Safari on iPhone");
        await Expect(Row(ann, "bob")).ToContainTextAsync(nodeOfBob.NodeAddress);
        await Expect(Log(ann)).ToContainTextAsync("bob joined");
        await Expect(ann.Locator("#room-count")).ToHaveTextAsync("2 people, 2 devices");

        await bob.GetByText("Busy", new() { Exact = true }).ClickAsync();
        await Expect(Row(ann, "bob")).ToContainTextAsync("busy");
        await Expect(Log(ann)).ToContainTextAsync("bob is busy");
        await Expect(Log(ann)).Not.ToContainTextAsync("bob left");
        await Expect(Node(ann, nodeOfBob)).ToContainTextAsync("msg/s");
        await Screenshots.TakeAsync(ann, "together");

        await bob.GetByRole(AriaRole.Button, new() { Name = "Leave" }).ClickAsync();
        await Expect(Row(ann, "bob")).ToHaveCountAsync(0);
        await Expect(Log(ann)).ToContainTextAsync("bob left");
        await bob.GetByLabel("Your name").FillAsync("bob once more");
        await JoinButton(bob).ClickAsync();
        await Expect(Row(ann, "bob once more")).ToBeVisibleAsync();

        await nodeOfBob.KillAsync();
        await Expect(bob.Locator("#connection")).ToContainTextAsync("Disconnected");
        await Expect(Node(ann, nodeOfBob)).ToContainTextAsync("down", WithinDeath);
        await Expect(Log(ann)).ToContainTextAsync("bob once more left");
        await Expect(Row(ann, "bob once more")).ToHaveCountAsync(0);
        await Screenshots.TakeAsync(ann, "down");
        await Screenshots.TakeAsync(bob, "disconnected");

        await cluster.RestartAsync(nodeOfBob);
        await Expect(Row(ann, "bob once more")).ToContainTextAsync(nodeOfBob.NodeAddress, WithinDeath);
        await Expect(bob.Locator("#connection")).ToBeHiddenAsync();
        await Expect(Log(bob)).ToContainTextAsync("started anew");
        await Expect(Log(bob)).Not.ToContainTextAsync("Meanwhile");
        await Expect(Log(bob)).Not.ToContainTextAsync("bob once more left");
    }

    [BrowserFact]
    public async Task A_reloaded_page_never_leaves_and_a_closed_one_leaves_once_after_the_grace()
    {
        // Longer than a reload takes on a machine that has much else to do.
        var config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, "presence.leave-grace = 8 s");
        await using var cluster = await HostCluster.StartAsync(1, "--config", config);
        File.Delete(config);
        var node = cluster.Hosts[0];
        var ann = await chromium.OpenAsync(node, "/?room=lobby&name=ann");
        var bob = await chromium.OpenAsync(node, "/?room=lobby&name=bob");
        await Expect(Row(ann, "bob")).ToBeVisibleAsync();

        await bob.ReloadAsync();
        await Expect(Lines(ann, "departed")).ToContainTextAsync(["bob left on one device"]);
        await Expect(Lines(ann, "arrived")).ToContainTextAsync(["bob joined once more"]);
        await Expect(Row(ann, "bob")).ToBeVisibleAsync();
        await bob.CloseAsync(new() { RunBeforeUnload = true });

        await Expect(Row(ann, "bob")).ToHaveCountAsync(0);
        await Expect(Lines(ann, "left")).ToContainTextAsync(["bob left"]);
        await Expect(Lines(ann, "joined")).ToHaveCountAsync(2);
    }

    [BrowserFact]
    public async Task A_join_that_takes_its_time_is_one_join_and_ends_with_the_page()
    {
        await using var cluster = await HostCluster.StartAsync(1);
        var node = cluster.Hosts[0];
        var ann = await chromium.OpenAsync(node, "/?room=lobby");
        var bob = await chromium.NewPageAsync();
        var joins = 0;
        await LoseAnswersAsync(bob, joined: () => Interlocked.Increment(ref joins));
        await bob.GotoAsync($"{node.Origin}/?room=lobby");
        await Expect(bob.Locator("#health")).ToHaveTextAsync("ready");

        await bob.GetByLabel("Your name").FillAsync("bob");
        await bob.GetByLabel("Your name").PressAsync("Enter");
        await bob.GetByLabel("Your name").PressAsync("Enter");
        await Expect(JoinButton(bob)).ToBeDisabledAsync();
        await Expect(Row(ann, "bob")).ToBeVisibleAsync();
        await bob.CloseAsync(new() { RunBeforeUnload = true });

        await Expect(Row(ann, "bob")).ToHaveCountAsync(0);
        Assert.Equal(1, joins);

        // Who reloads it meanwhile is not to find that the page has forgotten who joins.
        var carol = await chromium.NewPageAsync();
        await LoseAnswersAsync(carol, joined: () => { });
        await carol.GotoAsync($"{node.Origin}/?room=lobby&name=carol");
        await Expect(Row(ann, "carol")).ToBeVisibleAsync();
        Assert.EndsWith("/?room=lobby&name=carol", carol.Url, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Who_is_refused_goes_on_by_keyboard_where_the_fault_is_or_where_they_were()
    {
        await using var cluster = await HostCluster.StartAsync(1, "--api-key", "secret");
        var page = await chromium.NewPageAsync();
        Func<Task> beforeJoin = () => Task.CompletedTask;
        await page.RouteWebSocketAsync(Hub, socket =>
        {
            var server = socket.ConnectToServer();
            socket.OnMessage(async frame =>
            {
                await (IsJoin(frame) ? beforeJoin() : Task.CompletedTask);
                server.Send(frame.Text!);
            });
        });
        await page.GotoAsync($"{cluster.Hosts[0].Origin}/?room=lobby");
        await Expect(page.Locator("#health")).ToHaveTextAsync("ready");
        var name = page.GetByLabel("Your name");
        var key = page.GetByLabel("API key");
        var problem = page.Locator("#problem");

        await name.FillAsync("ann");
        await page.Keyboard.PressAsync("Enter");
        await Expect(key).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("secret");
        await name.FillAsync(new string('n', 257));
        await page.Keyboard.PressAsync("Enter");
        await Expect(problem).ToContainTextAsync("256");
        await Expect(name).ToBeFocusedAsync();

        // Slow enough for the page to be painted meanwhile, which is when a browser takes the focus from a button that is disabled.
        var painted = new TaskCompletionSource();
        beforeJoin = async () =>
        {
            await page.EvaluateAsync("() => new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))");
            painted.SetResult();
        };
        await JoinButton(page).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await painted.Task.InTime();
        beforeJoin = () => Task.CompletedTask;
        await Expect(problem).ToContainTextAsync("256");
        await Expect(JoinButton(page)).ToBeFocusedAsync();
        await Expect(JoinButton(page)).ToBeEnabledAsync();

        await name.FillAsync("ann");
        await page.Keyboard.PressAsync("Enter");
        await Expect(Row(page, "ann")).ToContainTextAsync("you");
    }

    [BrowserFact]
    public async Task What_people_write_is_shown_as_text_and_what_the_node_refuses_as_its_reason()
    {
        const string Markup = "<img src=x onerror=\"document.title='broken'\"> & 😀/%2F ..";
        await using var cluster = await HostCluster.StartAsync(1);
        var node = cluster.Hosts[0];
        var page = await chromium.OpenAsync(node, "/");
        var faults = new List<string>();
        page.Console += (_, message) => faults.Add(message.Text);

        await page.GetByLabel("Room", new() { Exact = true }).FillAsync(Markup);
        await page.GetByLabel("Your name").FillAsync(Markup);
        await page.Keyboard.PressAsync("Enter");
        await Expect(Row(page, Markup)).ToBeVisibleAsync();
        await Expect(page.Locator("h2").First).ToHaveTextAsync(Markup);
        Assert.StartsWith(Markup, await page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal([], faults);

        await page.GetByRole(AriaRole.Button, new() { Name = "Leave" }).PressAsync("Enter");
        await page.GetByLabel("Your name").FillAsync(new string('n', 257));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "256" })).ToBeVisibleAsync();
        await Expect(page.Locator("#own")).ToBeHiddenAsync();
    }

    [BrowserFact]
    public async Task A_tab_that_is_opened_hidden_holds_no_stream_until_it_is_shown()
    {
        await using var cluster = await HostCluster.StartAsync(1);
        var node = cluster.Hosts[0];
        await node.PutAsync("lobby", "ann");
        var page = await chromium.NewPageAsync();
        await page.AddInitScriptAsync("Object.defineProperty(document, 'hidden', { get: () => !window.isShown })");
        var streams = 0;
        page.Request += (_, request) => Interlocked.Add(ref streams, request.Url.Contains("/events", StringComparison.Ordinal) ? 1 : 0);

        await page.GotoAsync($"{node.Origin}/?room=lobby&name=bob");
        await Expect(page.Locator("#own-name")).ToHaveTextAsync("bob");
        Assert.Equal(0, streams);

        await page.EvaluateAsync("() => { window.isShown = true; document.dispatchEvent(new Event('visibilitychange')); }");
        await Expect(Row(page, "ann")).ToBeVisibleAsync();
        Assert.Equal(1, streams);
    }

    [BrowserFact]
    public async Task The_page_fetches_nothing_from_elsewhere_and_may_not()
    {
        await using var cluster = await HostCluster.StartAsync(1);
        var node = cluster.Hosts[0];
        var asked = new List<string>();
        var page = await chromium.NewPageAsync();
        page.Request += (_, request) => asked.Add(request.Url);
        page.WebSocket += (_, socket) => asked.Add(socket.Url.Replace("ws://", "http://", StringComparison.Ordinal));
        await page.GotoAsync($"{node.Origin}/?room=lobby&name=ann");
        await Expect(Node(page, node)).ToContainTextAsync("up");
        await Expect(Row(page, "ann")).ToBeVisibleAsync();

        Assert.All(asked, url => Assert.StartsWith(node.Origin, url, StringComparison.Ordinal));
        Assert.Contains(asked, url => Hub.IsMatch(url));
        using var answer = await node.Http.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private static Task LoseAnswersAsync(IPage page, Action joined) => page.RouteWebSocketAsync(Hub, socket =>
    {
        var server = socket.ConnectToServer();
        server.OnMessage(frame =>
        {
            if (!IsCompletion(frame))
            {
                socket.Send(frame.Text!);
            }
        });
        socket.OnMessage(frame =>
        {
            if (IsJoin(frame))
            {
                joined();
            }

            server.Send(frame.Text!);
        });
    });

    private static bool IsJoin(IWebSocketFrame frame) => frame.Text?.Contains("\"target\":\"Join\"", StringComparison.Ordinal) == true;

    // The answer to a call, in SignalR's words.
    private static bool IsCompletion(IWebSocketFrame frame) => frame.Text?.Contains("\"type\":3", StringComparison.Ordinal) == true;

    [GeneratedRegex("/hubs/presence\\?")]
    private static partial Regex Hub { get; }
}
