using System.Text;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Host.Processes;
using Xunit;
using static Microsoft.Playwright.Assertions;
using static PresenceTracker.Tests.Browser.PresencePage;

namespace PresenceTracker.Tests.Browser;

/// <summary>The page in a room that is far larger than it can show.</summary>
[Collection(ProcessCollection.Name)]
public sealed class BigRoomPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    [BrowserFact]
    public async Task Ten_thousand_people_and_their_changes_leave_the_page_quick()
    {
        await using var cluster = await HostCluster.StartAsync(1);
        var node = cluster.Hosts[0];
        var page = await chromium.OpenAsync(node, "/?room=lobby");
        await PostAsync(node.Http, Enumerable.Range(0, 10_000), "first");

        await Expect(page.Locator("#room-count")).ToHaveTextAsync("10,000 people, 10,000 devices");
        await Expect(page.Locator("#people-note")).ToHaveTextAsync("The first 200 of 10,000 are listed.");
        await Expect(page.Locator("#people > li")).ToHaveCountAsync(200);

        var frames = page.EvaluateAsync<double>(
            """
            () => new Promise(resolve => {
                const began = performance.now();
                let last = began, longest = 0;
                const frame = now => {
                    longest = Math.max(longest, now - last);
                    last = now;
                    now - began < 3000 ? requestAnimationFrame(frame) : resolve(longest);
                };
                requestAnimationFrame(frame);
            })
            """);
        await PostAsync(node.Http, Enumerable.Range(0, 10_000), "second");
        var longest = await frames;
        Assert.True(longest < 1000, $"while 10,000 people changed, the page stood still for {longest:F0} ms");

        await page.GetByLabel("Find in this room").FillAsync("user-9999");
        await Expect(page.Locator("#people > li")).ToHaveCountAsync(1);
        await Expect(Row(page, "user-9999")).ToContainTextAsync("second");
        await page.GetByLabel("Find in this room").FillAsync("");
        await Expect(page.Locator("#people > li")).ToHaveCountAsync(200);
        await Screenshots.TakeAsync(page, "crowd");
    }

    private static async Task PostAsync(HttpClient http, IEnumerable<int> users, string round)
    {
        var lines = users.Select(user => $$$"""{"topic":"lobby","key":"user-{{{user}}}","meta":{"round":"{{{round}}}"}}""");
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        using var answer = await http.PostAsync("/api/presences?lease=5m", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
