namespace PresenceTracker.Host;

/// <summary>For orchestrators: whether the process works, and whether it is to be sent requests.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        var health = endpoints.MapGroup("/health");
        health.MapGet("live", () => TypedResults.Ok(new { status = "live" }))
            .WithName("Live").WithSummary("The process answers.");
        health.MapGet("ready", (Tracker tracker) => ReasonNotReady(tracker) is { } reason
                ? (IResult)TypedResults.Problem(reason, statusCode: StatusCodes.Status503ServiceUnavailable)
                : TypedResults.Ok(new { status = "ready" }))
            .WithName("Ready").WithSummary("The node has joined its cluster and holds everything that the others hold.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static string? ReasonNotReady(Tracker tracker)
    {
        if (tracker.IsReady)
        {
            return null;
        }

        if (tracker.Stopped.IsCompletedSuccessfully)
        {
            return $"The node has stopped: {tracker.Stopped.Result}.";
        }

        return tracker.Ready.IsCompletedSuccessfully
            ? "A shard is down after repeated crashes; restart the node."
            : "The node is joining its cluster, or catching up with it.";
    }
}
