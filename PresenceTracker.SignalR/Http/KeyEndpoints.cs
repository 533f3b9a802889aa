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

    private static Ok<KeyTopicList> Get(PathName key, Tracker tracker) =>
        TypedResults.Ok(new KeyTopicList(key.Value, tracker.TopicsOf(NameLimits.Key(key.Value, tracker.Settings))));
}
