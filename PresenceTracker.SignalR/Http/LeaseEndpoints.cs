using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.SignalR.Http;

/// <summary>A backend tracks on a user's behalf: for as long as it repeats itself, through whichever node.</summary>
internal static class LeaseEndpoints
{
    public static void MapLeases(this IEndpointRouteBuilder writes)
    {
        writes.MapPut("topics/{topic}/presences/{key}", TrackAsync)
            .WithName("TrackPresence")
            .WithSummary("Tracks a key in a topic for the time of the lease, or renews it. The body is the meta, a JSON object.")
            .Accepts<JsonObject>(isOptional: true, "application/json", RequestBody.AnyContentType)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);
        writes.MapDelete("topics/{topic}/presences/{key}", UntrackAsync)
            .WithName("UntrackPresence")
            .WithSummary("Ends what an owner has tracked.")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Ok<TrackedRef>> TrackAsync(
        PathName topic, PathName key, string? lease, string? owner, Tracker tracker, HttpContext context)
    {
        var leaseOwner = LeaseOwner.Parse(lease, owner);
        var meta = await RequestBody.ReadMetaAsync(context, tracker.Settings.MetaBytesMax);
        var result = await tracker.TrackOrUpdateAsync(
            topic.Value, key.Value, leaseOwner, meta, cancellationToken: context.RequestAborted);
        return TypedResults.Ok(new TrackedRef(result.Ref!));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> UntrackAsync(
        PathName topic, PathName key, string? owner, Tracker tracker, CancellationToken cancellationToken)
    {
        var leaseOwner = LeaseOwner.Named(owner);
        var result = await tracker.UntrackAsync(topic.Value, key.Value, leaseOwner, cancellationToken);
        return result.Status switch
        {
            TrackStatus.NotTracked => Problems.Of(
                StatusCodes.Status404NotFound, $"{leaseOwner.Id} has no presence of this key in this topic."),

            // It may have ended all the same; then the repetition says 404.
            TrackStatus.Unanswered => Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "The node that holds it did not answer within 1 s. Repeat it until it is answered."),
            _ => TypedResults.NoContent(),
        };
    }
}
