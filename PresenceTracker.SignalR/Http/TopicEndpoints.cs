using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using PresenceTracker.Errors;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Phoenix;

namespace PresenceTracker.SignalR.Http;

/// <summary>Who is in a topic: as a list, as a number, and as a stream of what happens.</summary>
internal static class TopicEndpoints
{
    public static void MapTopics(this IEndpointRouteBuilder api)
    {
        var reads = api.MapGroup("").AddEndpointFilter<ReadyFilter>();
        reads.MapGet("topics/{topic}/presences", ListAsync)
            .WithName("ListPresences")
            .WithSummary("Everybody in a topic, in the shape of Phoenix's presence_state.")
            .Produces<Dictionary<string, PresenceEntry>>();
        reads.MapGet("topics/{topic}/count", Count)
            .WithName("CountPresences")
            .WithSummary("How many keys and how many metas a topic has.");
        api.MapGet("topics/{topic}/events", EventsAsync)
            .WithName("WatchTopic")
            .WithSummary("Server-sent events: presence_state first, then a presence_diff for each change.")
            .Produces<string>(StatusCodes.Status200OK, EventStream.ContentType);
    }

    private static async Task<FileContentHttpResult> ListAsync(PathName topic, string? nodes, Tracker tracker, EnricherCalls enricher)
    {
        var withNodes = WithNodes(nodes);
        var view = tracker.List(NameOf(topic, tracker));
        var fields = await enricher.FetchAsync(view.Topic, view.Keys);
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, PhoenixJson.WriterOptions))
        {
            PhoenixJson.WriteState(json, view, withNodes, fields);
        }

        return TypedResults.Bytes(body.WrittenMemory, "application/json");
    }

    private static Ok<TopicCount> Count(PathName topic, Tracker tracker) => TypedResults.Ok(tracker.Count(NameOf(topic, tracker)));

    private static async Task<EventStream> EventsAsync(
        PathName topic, string? nodes, Tracker tracker, EventFrames frames, EventStreamSlots slots, CancellationToken cancellationToken)
    {
        var (name, withNodes) = (NameOf(topic, tracker), WithNodes(nodes));
        slots.Take();
        try
        {
            // What can be refused is refused before the stream begins. On a node that is not ready it has to begin, and waits.
            var subscription = tracker.Ready.IsCompleted ? await tracker.SubscribeAsync(name, cancellationToken) : null;
            return new EventStream(tracker, name, subscription, withNodes, frames, slots);
        }
        catch
        {
            slots.Release();
            throw;
        }
    }

    // The empty answer would hide the mistake.
    private static string NameOf(PathName topic, Tracker tracker)
    {
        tracker.Settings.CheckTopic(topic.Value);
        return topic.Value;
    }

    private static bool WithNodes(string? nodes) => nodes is not null && (bool.TryParse(nodes, out var isSet)
        ? isSet
        : throw new LimitExceededException("nodes", nodes, "true or false", "the parameter nodes"));
}
