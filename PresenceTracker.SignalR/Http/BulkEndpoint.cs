using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using PresenceTracker.Errors;
using PresenceTracker.Owners;

namespace PresenceTracker.SignalR.Http;

/// <summary>Many leases at once: one line of JSON each, taken in batches while they arrive.</summary>
internal static class BulkEndpoint
{
    /// <summary>For the whole body: some hundred thousand lines.</summary>
    public const int BodyBytesMax = 64 * 1024 * 1024;

    /// <summary>More than a topic, a key and a meta can take together, each at its limit and every character of the names escaped.</summary>
    public const int LineBytesMax = 16 * 1024;

    private const int BatchMax = 1_000;

    public static void MapBulk(this IEndpointRouteBuilder writes) =>
        writes.MapPost("presences", TrackAsync)
            .WithName("TrackPresences")
            .WithSummary("Tracks or renews many: a body of lines {\"topic\":…,\"key\":…,\"meta\":{…}}. A line with a fault is skipped and reported.")
            .Accepts<PresenceLine>("application/x-ndjson", RequestBody.AnyContentType)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);

    private static async Task<Results<Ok<BulkOutcome>, ProblemHttpResult>> TrackAsync(
        string? lease, string? owner, Tracker tracker, HttpContext context)
    {
        var leaseOwner = LeaseOwner.Parse(lease, owner);
        RequestBody.Limit(context, BodyBytesMax, RequestBody.BodyLimit, "none");
        var outcome = new BulkOutcome();
        try
        {
            await TrackLinesAsync(tracker, leaseOwner, outcome, context);
            return TypedResults.Ok(outcome);
        }
        catch (BadHttpRequestException malformed)
        {
            return Refused(Problems.Of(malformed.StatusCode, malformed.Message), outcome);
        }
        catch (PresenceException refused)
        {
            return Refused(Problems.From(refused, context.Response), outcome);
        }
    }

    /// <summary>The batches before it are there to stay, so that the caller is told how many presences those were.</summary>
    private static ProblemHttpResult Refused(ProblemHttpResult problem, BulkOutcome outcome)
    {
        if (outcome.Taken > 0)
        {
            problem.ProblemDetails.Detail += string.Create(CultureInfo.InvariantCulture, $" {outcome.Taken} presences were taken before.");
            problem.ProblemDetails.Extensions["taken"] = outcome.Taken;
        }

        return problem;
    }

    private static async Task TrackLinesAsync(Tracker tracker, Owner leaseOwner, BulkOutcome outcome, HttpContext context)
    {
        var batch = new List<TrackRequest>(BatchMax);
        await foreach (var line in JsonLines.ReadAsync(context.Request.BodyReader, LineBytesMax, BodyBytesMax, context.RequestAborted))
        {
            if (PresenceLine.IsBlank(line))
            {
                continue;
            }

            if (PresenceLine.TryParse(line, leaseOwner, tracker.Settings, out var request, out var error))
            {
                batch.Add(request);
            }
            else
            {
                outcome.Fail(line.Number, error);
            }

            if (batch.Count == BatchMax)
            {
                await TrackBatchAsync(tracker, batch, outcome, context.RequestAborted);
            }
        }

        await TrackBatchAsync(tracker, batch, outcome, context.RequestAborted);
    }

    private static async Task TrackBatchAsync(Tracker tracker, List<TrackRequest> batch, BulkOutcome outcome, CancellationToken cancellationToken)
    {
        var results = await tracker.TrackOrUpdateManyAsync(batch, cancellationToken);
        foreach (var result in results)
        {
            outcome.Add(result.Status);
        }

        batch.Clear();
    }
}
