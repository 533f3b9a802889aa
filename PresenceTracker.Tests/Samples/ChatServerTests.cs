using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Samples;

[Collection(PatientProcessCollection.Name)]
public sealed class ChatServerTests
{
    [Fact]
    public async Task It_serves_its_page_and_tells_who_is_there_on_each_server_and_what_is_said()
    {
        await using var first = SampleProcess.Start("ChatServer", "--urls", "http://127.0.0.1:0");
        var chat = await first.PrintsAsync(@"^Chat on (\S+), node (\S+)");
        await using var second = SampleProcess.Start("ChatServer", "--urls", "http://127.0.0.1:0", "--seeds", chat.Groups[2].Value);
        var other = await second.PrintsAsync(@"^Chat on (\S+), node");
        using var http = new HttpClient { BaseAddress = new Uri(chat.Groups[1].Value) };
        Assert.Contains("<title>Chat</title>", await http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("HubConnectionBuilder", await http.GetStringAsync("/lib/signalr.min.js"), StringComparison.Ordinal);

        await using var alice = Connect(chat.Groups[1].Value);
        var bobCame = new TaskCompletionSource();
        var heard = new TaskCompletionSource<string>();
        alice.On<string, JsonElement>("presence_diff", (_, diff) =>
        {
            if (diff.GetProperty("joins").TryGetProperty("bob", out JsonElement _))
            {
                bobCame.TrySetResult();
            }
        });
        alice.On<string, string>("said", (name, text) => heard.TrySetResult($"{name}: {text}"));
        await alice.StartAsync();
        await alice.InvokeAsync("Enter", "lobby", "alice", "phone");

        await using var bob = Connect(other.Groups[1].Value);
        await bob.StartAsync();
        await bob.InvokeAsync("Enter", "lobby", "bob", "computer");
        await bobCame.Task.InTime();

        await alice.InvokeAsync("Say", "hello");
        Assert.Equal("alice: hello", await heard.Task.InTime());
    }

    private static HubConnection Connect(string server) => new HubConnectionBuilder().WithUrl($"{server}/chat").Build();
}
