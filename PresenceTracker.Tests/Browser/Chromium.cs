using Microsoft.Playwright;
using Xunit;

namespace PresenceTracker.Tests.Browser;

/// <summary>One headless Chromium for all tests of a class. It is started by the first that wants a page.</summary>
public sealed class Chromium : IAsyncLifetime
{
    internal const string PathVariable = "PRESENCE_CHROMIUM";

    // Other tests run beside those of the page.
    private const float PatienceMs = 20_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal static string Path { get; } = Environment.GetEnvironmentVariable(PathVariable) ?? "/usr/bin/chromium";

    public Task InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(PatienceMs);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A page in a profile of its own, as on another person's machine.</summary>
    internal async Task<IPage> NewPageAsync(BrowserNewContextOptions? options = null)
    {
        _playwright ??= await Playwright.CreateAsync();

        // The sandbox of Chromium refuses to run as root, as containers do. It opens nothing here but pages of this repository.
        _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Path, Args = ["--no-sandbox"] });
        var context = await _browser.NewContextAsync(options);
        return await context.NewPageAsync();
    }
}
