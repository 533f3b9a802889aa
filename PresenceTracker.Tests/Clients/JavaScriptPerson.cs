using System.Text.Json.Nodes;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Host.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Clients;

/// <summary>Somebody in a room by the client in JavaScript, in a process of Node.js: <c>clients/js/test/support/person.js</c>.</summary>
internal sealed class JavaScriptPerson : ChildProcess
{
    private JavaScriptPerson(string name, HostProcess host, string room)
        : base(name, "node", [Path.Combine(JavaScriptClient.Folder, "test", "support", "person.js"), host.Url.ToString(), room])
    {
    }

    /// <summary>Starts the process and connects it.</summary>
    public static async Task<JavaScriptPerson> StartAsync(string name, HostProcess host, string room)
    {
        var person = new JavaScriptPerson(name, host, room);
        try
        {
            await person.DoAsync("start");
            return person;
        }
        catch
        {
            await person.DisposeAsync();
            throw;
        }
    }

    public Task JoinAsync(string key, string status) => DoAsync("join", new() { ["key"] = key, ["meta"] = new JsonObject { ["status"] = status } });

    public Task UpdateAsync(string status) => DoAsync("update", new() { ["meta"] = new JsonObject { ["status"] = status } });

    public Task LeaveAsync() => DoAsync("leave");

    /// <summary>What the client lists.</summary>
    public async Task<JsonObject> StateAsync() => (await DoAsync("state"))!.AsObject();

    /// <summary>What its callbacks were told since they were asked for last.</summary>
    public async Task<List<string>> EventsAsync() => [.. (await DoAsync("events"))!.AsArray().Select(line => line!.GetValue<string>())];

    /// <returns>The error that the command was rejected with.</returns>
    public static async Task<string> RejectedAsync(Task command) => (await Assert.ThrowsAsync<InvalidOperationException>(() => command)).Message;

    /// <exception cref="InvalidOperationException">The command was rejected.</exception>
    private async Task<JsonNode?> DoAsync(string command, JsonObject? parameters = null)
    {
        var line = parameters ?? [];
        line["command"] = command;
        await Process.StandardInput.WriteLineAsync(line.ToJsonString());
        var answer = await Process.StandardOutput.ReadLineAsync().InTime() ?? throw new EndOfStreamException($"{Name} has ended:\n{Log}");
        var outcome = JsonNode.Parse(answer)!;
        return outcome["error"] is { } error ? throw new InvalidOperationException($"{Name}: {command}: {error}") : outcome["value"];
    }
}
