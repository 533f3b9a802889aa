using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace PresenceTracker.SignalR.Http;

/// <summary>Where a key is.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder api) =>
        api.MapGet("keys/{key}", Get).AddEndpointFilter<ReadyFilter>().WithName("FindKey").WithSummary("The topics in which a key is present.");

    private static Ok<KeyTopicList> Get(PathName key, Tracker tracker)
    {
        // The empty answer would hide the mistake.
        tracker.Settings.CheckKey(key.Value);
        return TypedResults.Ok(new KeyTopicList(key.Value, tracker.TopicsOf(key.Value)));
    }
}
