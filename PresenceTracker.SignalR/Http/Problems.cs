using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PresenceTracker.Errors;

namespace PresenceTracker.SignalR.Http;

/// <summary>Every refusal as problem details: what was wrong, and what is allowed instead.</summary>
internal static class Problems
{
    // As long as a call that waits for another node can take, and half as long as one can that waits for a shard; a node that starts, and one
    // that is full, may need several.
    private const string RetryAfterSeconds = "1";

    public static ProblemHttpResult Of(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    /// <param name="response">Told which scheme is wanted.</param>
    public static ProblemHttpResult Unauthorized(HttpResponse response, string detail)
    {
        response.Headers.WWWAuthenticate = "Bearer";
        return Of(StatusCodes.Status401Unauthorized, detail);
    }

    public static ProblemHttpResult NotReady(HttpResponse response)
    {
        response.Headers.RetryAfter = RetryAfterSeconds;
        return Of(StatusCodes.Status503ServiceUnavailable, "The node has not caught up with its cluster yet, and would list only a part.");
    }

    /// <param name="response">Told when to come back, if that helps.</param>
    public static ProblemHttpResult From(PresenceException refused, HttpResponse response)
    {
        if (refused is LimitExceededException { IsTemporary: true })
        {
            response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return refused switch
        {
            LimitExceededException beyond => From(beyond),
            TrackerStoppedException or ShardUnavailableException => Of(StatusCodes.Status503ServiceUnavailable, refused.Message),
            _ => Of(StatusCodes.Status400BadRequest, refused.Message),
        };
    }

    private static ProblemHttpResult From(LimitExceededException beyond) => TypedResults.Problem(
        beyond.Message,
        statusCode: beyond.Limit switch
        {
            _ when beyond.IsTemporary => StatusCodes.Status503ServiceUnavailable,
            RequestBody.MetaLimit or RequestBody.BodyLimit => StatusCodes.Status413PayloadTooLarge,
            _ => StatusCodes.Status400BadRequest,
        },
        extensions:
        [
            new("limit", beyond.Limit),
            new("value", beyond.Value),
            new("allowed", beyond.Allowed),
            new("option", beyond.Option),
        ]);
}
