using System.Text.RegularExpressions;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>What the README has people type does what it says.</summary>
[Collection(SharedHostCollection.Name)]
public sealed partial class ReadmeCommandTests(SharedHost host)
{
    [Fact]
    public async Task Its_requests_are_answered_in_their_order()
    {
        var commands = Curl().Matches(Docs.Repository.Read("README.md"));
        Assert.Equal(["GET", "PUT", "GET", "DELETE"], commands.Select(MethodOf));

        foreach (var command in commands.AsEnumerable())
        {
            using var request = new HttpRequestMessage(new HttpMethod(MethodOf(command)), command.Groups["path"].Value)
            {
                Content = command.Groups["body"] is { Success: true } body ? new StringContent(body.Value) : null,
            };
            using var response = await host.Node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.True(response.IsSuccessStatusCode, $"{command.Value}: {response.StatusCode}");
        }
    }

    private static string MethodOf(Match command) => command.Groups["method"] is { Success: true } method ? method.Value : "GET";

    [GeneratedRegex(@"^curl (-N )?(-X (?<method>[A-Z]+) )?(-d '(?<body>[^']*)' )?'?http://127\.0\.0\.1:5000(?<path>[^'\s]+)'?$", RegexOptions.Multiline)]
    private static partial Regex Curl();
}
