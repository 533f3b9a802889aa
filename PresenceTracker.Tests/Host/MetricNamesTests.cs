using System.Text.RegularExpressions;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Docs;
using PresenceTracker.Tests.SignalR;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>What the documentation says about <c>/metrics</c> is what a Host tells Prometheus.</summary>
public sealed partial class MetricNamesTests
{
    private static readonly string Page = Repository.Read("docs", "OPERATIONS.md");

    [Fact]
    public async Task Every_documented_instrument_is_told_to_Prometheus_under_the_documented_name()
    {
        await using var a = await HostNode.StartAsync();
        await using var b = await HostNode.StartAsync("--seeds", a.Tracker.Self.Address);
        await a.PutAsync("room:1", "alice");
        await using var client = await HubClient.ConnectAsync(new Uri(b.Url, "hubs/presence"));
        await client.JoinedAsync("room:1", "bob");
        var documented = Rows().Matches(Page).SelectMany(row =>
            Name().Matches(row.Groups["names"].Value).Select(name => (Name: PrometheusName(name.Value, row), IsCounter: IsCounter(row)))).ToList();
        var quoted = Quoted().Matches(Page).Select(match => match.Groups[1].Value).ToList();
        Assert.True(documented.Count > 20, $"the page has {documented.Count} rows of instruments");
        Assert.Equal(2, quoted.Count);

        await Eventually.HoldsAsync("each documented instrument at /metrics, and no other", TimeSpan.FromSeconds(20), async () =>
        {
            var told = Types().Matches(await b.Http.GetStringAsync("metrics")).Select(type => type.Groups[1].Value).ToHashSet();

            // A counter that has not counted yet is not told at all.
            var missing = documented.Where(instrument => !instrument.IsCounter).Select(instrument => instrument.Name).Concat(quoted).Except(told);
            var undocumented = told.Except(documented.Select(instrument => instrument.Name));
            return missing.Any() || undocumented.Any()
                ? $"missing: {string.Join(", ", missing)}; not documented: {string.Join(", ", undocumented)}"
                : null;
        });
    }

    // The rule as the page has it.
    private static string PrometheusName(string name, Match row)
    {
        var unit = row.Groups["unit"].Value switch
        {
            "byte" => "_bytes",
            "second" => "_seconds",
            _ => "",
        };
        var told = name.Replace('.', '_');
        return (told.EndsWith(unit, StringComparison.Ordinal) ? told : told + unit) + (IsCounter(row) ? "_total" : "");
    }

    private static bool IsCounter(Match row) => row.Groups["kind"].Value == "counter";

    [GeneratedRegex(@"^\| (?<names>`presence\.[^|]+) \| (?<kind>gauge|counter) \| (?<unit>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"presence\.[a-z.]+")]
    private static partial Regex Name();

    [GeneratedRegex(@"` is\s`(presence_[a-z_]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^# TYPE (presence_\S+) ", RegexOptions.Multiline)]
    private static partial Regex Types();
}
