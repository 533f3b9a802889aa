using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PresenceTracker.Errors;

namespace PresenceTracker.SignalR.Http;

/// <summary>Every refusal as problem details: what was wrong, and what is allowed instead.</summary>
internal static class Problems
{
    public static ProblemHttpResult Of(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    public static ProblemHttpResult From(PresenceException refused) => refused switch
    {
        LimitExceededException beyond => TypedResults.Problem(
            beyond.Message,
            statusCode: beyond.Limit is RequestBody.MetaLimit or RequestBody.BodyLimit
                ? StatusCodes.Status413PayloadTooLarge
                : StatusCodes.Status400BadRequest,
            extensions:
            [
                new("limit", beyond.Limit),
                new("value", beyond.Value),
                new("allowed", beyond.Allowed),
                new("option", beyond.Option),
            ]),
        TrackerStoppedException or ShardUnavailableException => Of(StatusCodes.Status503ServiceUnavailable, refused.Message),
        _ => Of(StatusCodes.Status400BadRequest, refused.Message),
    };
}
