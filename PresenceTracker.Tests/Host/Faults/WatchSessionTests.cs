using System.Text.Json.Nodes;
using Xunit;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>What a client of an event stream records of it.</summary>
public sealed class WatchSessionTests
{
    private static readonly TimeSpan Begin = TimeSpan.Zero;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan End = TimeSpan.FromSeconds(2);

    [Fact]
    public void A_state_that_is_told_anew_stands_in_the_place_of_all_before()
    {
        var session = new WatchSession(0, "room", ["a:1"]);
        session.State(State("ref1", "ref2"), Begin);
        session.State(State("ref2", "ref3"), Again);

        Assert.Equal(
            [("ref1", new Span(Begin, Again)), ("ref2", new Span(Begin, Again)), ("ref2", new Span(Again, End)), ("ref3", new Span(Again, End))],
            session.Shown.Select(shown => (shown.Ref, session.SpanOf(shown, End))));
        Assert.Equal([WatchSession.Digest(["ref1", "ref2"]), WatchSession.Digest(["ref2", "ref3"])], session.Steps.Select(step => step.Digest));
    }

    private static JsonObject State(params string[] refs) => new(refs.Select(one => KeyValuePair.Create<string, JsonNode?>(one, new JsonObject
    {
        ["metas"] = new JsonArray(new JsonObject { ["n"] = 1, ["phx_ref"] = one, ["phx_node"] = "a:1" }),
    })));
}
