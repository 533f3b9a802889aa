using System.Text.Json.Nodes;
using PresenceTracker.Tests.Cluster;
using PresenceTracker.Tests.Docs;
using PresenceTracker.Tests.Host.Processes;
using Xunit;

namespace PresenceTracker.Tests.Clients;

/// <summary>The client in <c>clients/js</c>: its own tests, and people in Node.js on Hosts of their own.</summary>
[Collection(PatientProcessCollection.Name)]
public sealed class JavaScriptClientTests(JavaScriptClient client) : IClassFixture<JavaScriptClient>
{
    private const string Room = "room:js";

    [NodeFact]
    public async Task Its_own_tests_pass()
    {
        await client.BuiltAsync();
        await JavaScriptClient.NpmAsync("test");
    }

    [NodeFact]
    public async Task Two_people_on_two_Hosts_list_what_the_Hosts_list_at_each_step_also_after_one_Host_was_killed()
    {
        await client.BuiltAsync();
        await using var cluster = await HostCluster.StartAsync(2);
        await using var ann = await JavaScriptPerson.StartAsync("ann", cluster.Hosts[0], Room);
        await using var bob = await JavaScriptPerson.StartAsync("bob", cluster.Hosts[1], Room);
        await using var other = await JavaScriptPerson.StartAsync("ann's other device", cluster.Hosts[1], Room);

        await ann.JoinAsync("ann", "online");
        await bob.JoinAsync("constructor", "online");
        await ListsEqualAsync(cluster, ["ann online", "constructor online"], ann, bob);
        Assert.Equal(["ann joins", "constructor joins"], (await ann.EventsAsync()).Order(StringComparer.Ordinal));
        await bob.EventsAsync();

        await ann.UpdateAsync("busy");
        await ListsEqualAsync(cluster, ["ann busy", "constructor online"], ann, bob);
        Assert.Equal(["ann was online and is busy"], await bob.EventsAsync());

        await other.JoinAsync("ann", "away");
        await ListsEqualAsync(cluster, ["ann away", "ann busy", "constructor online"], ann, bob, other);
        await other.LeaveAsync();
        await ListsEqualAsync(cluster, ["ann busy", "constructor online"], ann, bob);
        Assert.Equal(["ann joins once more", "ann leaves on one device"], await bob.EventsAsync());
        Assert.Empty(await other.StateAsync());

        await ann.EventsAsync();
        var killed = cluster.Hosts[0];
        await killed.KillAsync();
        var update = ann.UpdateAsync("back");
        await cluster.RestartAsync(killed);
        await update;
        await cluster.ReadyAsync();
        await ListsEqualAsync(cluster, ["ann back", "constructor online"], ann, bob);

        // Of Bob, whom nothing befell, she is told nothing.
        Assert.Equal(["disconnected", "connected", "ann joins once more", "ann leaves on one device"], await ann.EventsAsync());
        Assert.DoesNotContain(await bob.EventsAsync(), told => told.StartsWith("constructor", StringComparison.Ordinal));

        await ann.LeaveAsync();
        await ListsEqualAsync(cluster, ["constructor online"], bob);
    }

    [NodeFact]
    public async Task A_refused_call_rejects_with_the_reason_of_the_Host_and_changes_nothing()
    {
        await client.BuiltAsync();
        await using var cluster = await HostCluster.StartAsync(1);
        await using var ann = await JavaScriptPerson.StartAsync("ann", cluster.Hosts[0], Room);

        Assert.Contains("RefusedError: key: ", await JavaScriptPerson.RejectedAsync(ann.JoinAsync(new('x', 300), "online")), StringComparison.Ordinal);
        Assert.Contains(
            "RefusedError: key: __proto__ is not allowed", await JavaScriptPerson.RejectedAsync(ann.JoinAsync("__proto__", "online")), StringComparison.Ordinal);
        await ann.JoinAsync("ann", "online");
        Assert.Contains("RefusedError: meta: ", await JavaScriptPerson.RejectedAsync(ann.UpdateAsync(new('x', 5000))), StringComparison.Ordinal);
        await ListsEqualAsync(cluster, ["ann online"], ann);
    }

    [NodeFact]
    public async Task The_package_has_what_a_program_needs_and_its_types_allow_no_more()
    {
        await client.BuiltAsync();
        using var program = await JavaScriptProgram.WithPackageAsync("consumer.ts");

        Assert.Equal(
            ["LICENSE", "README.md", "dist", "package.json"],
            Directory.EnumerateFileSystemEntries(program.Package).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        await program.CompilesAsync();
        Assert.Equal("""{"topic":"room:1","names":[],"diff":{"joins":{},"leaves":{}},"untyped":[]}""", (await program.RunAsync()).Trim());
    }

    [NodeFact]
    public async Task The_page_of_the_Host_has_this_build()
    {
        await client.BuiltAsync();
        var page = Path.Combine(Repository.Root, "PresenceTracker.Host", "wwwroot", "lib");

        Assert.Equal(ScriptsIn(JavaScriptClient.Folder, "dist"), ScriptsIn(page, "presence-tracker-client"));
        Assert.Equal(
            ScriptsIn(JavaScriptClient.Folder, "node_modules/@microsoft/signalr/dist/browser")["signalr.min.js"],
            ScriptsIn(page, "")["signalr.min.js"]);

        static SortedDictionary<string, string> ScriptsIn(string parent, string folder) => new(
            Directory.EnumerateFiles(Path.Combine(parent, folder), "*.js").ToDictionary(file => Path.GetFileName(file), File.ReadAllText),
            StringComparer.Ordinal);
    }

    /// <summary>Every Host and every person lists this, and all the same.</summary>
    private static Task ListsEqualAsync(HostCluster cluster, string[] expected, params JavaScriptPerson[] people) => TopicLists.EqualAsync(
        cluster, Room, expected, people.Select(person => (person.Name, new Func<Task<JsonObject>>(person.StateAsync))));
}
