using Microsoft.Playwright;
using PresenceTracker.Tests.Docs;
using Xunit;

namespace PresenceTracker.Tests.Browser;

/// <summary>Pictures of the page for people to look at, in <c>artifacts/screenshots</c>; what can be measured of them is checked here.</summary>
internal static class Screenshots
{
    private static readonly (string Name, int Width, int Height)[] Screens = [("desktop", 1280, 900), ("phone", 390, 844)];
    private static readonly ColorScheme[] Schemes = [ColorScheme.Light, ColorScheme.Dark];

    private static readonly string Folder = Path.Combine(Repository.Root, "artifacts", "screenshots");

    // The narrowest phone that is still in use.
    private const int NarrowestWidth = 360;

    /// <summary>One picture for each screen and colour scheme. The page is left at the last of them.</summary>
    public static async Task TakeAsync(IPage page, string name)
    {
        foreach (var (screen, width, height) in Screens)
        {
            await page.SetViewportSizeAsync(width, height);
            foreach (var scheme in Schemes)
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                var path = Path.Combine(Folder, $"{name}-{screen}-{scheme}.png".ToLowerInvariant());
                await page.ScreenshotAsync(new() { Path = path, FullPage = true, Animations = ScreenshotAnimations.Disabled });
            }
        }

        await page.SetViewportSizeAsync(NarrowestWidth, 640);
        var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
        Assert.True(overflow <= 0, $"{name}: on a phone of {NarrowestWidth} px the page is {overflow} px too wide");
    }
}
