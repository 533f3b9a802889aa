using Microsoft.Playwright;
using PresenceTracker.Tests.Host.Processes;
using static Microsoft.Playwright.Assertions;

namespace PresenceTracker.Tests.Browser;

/// <summary>The page of a Host, and what is on it.</summary>
internal static class PresencePage
{
    /// <summary>Opens a page and waits until it shows its node as ready.</summary>
    public static async Task<IPage> OpenAsync(this Chromium chromium, HostProcess host, string path, BrowserNewContextOptions? options = null)
    {
        var page = await chromium.NewPageAsync(options);
        await page.GotoAsync(host.Origin + path);
        await Expect(page.Locator("#health")).ToHaveTextAsync("ready");
        return page;
    }

    public static ILocator JoinButton(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Join" });

    /// <summary>The line of somebody who is in the room.</summary>
    public static ILocator Row(IPage page, string key) => page.Locator("#people > li").Filter(new() { Has = page.GetByText(key, new() { Exact = true }) });

    public static ILocator Log(IPage page) => page.Locator("#log");

    /// <summary>The lines of the log of one kind: <c>joined</c>, <c>left</c>, <c>updated</c>, <c>arrived</c> or <c>departed</c>.</summary>
    public static ILocator Lines(IPage page, string kind) => page.Locator($"#log > li.{kind}");

    public static ILocator Node(IPage page, HostProcess host) => page.Locator($"[data-address='{host.NodeAddress}']");
}
