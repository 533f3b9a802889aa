using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace PresenceTracker.SignalR.Http;

/// <summary>The cluster as this node sees it.</summary>
internal static class NodeEndpoints
{
    public static void MapNodes(this IEndpointRouteBuilder api) =>
        api.MapGet("nodes", Get).WithName("ListNodes").WithSummary("Every node that this one knows, itself first.");

    private static Ok<NodeList> Get(Tracker tracker) =>
        TypedResults.Ok(new NodeList(tracker.Self.Address, [.. tracker.Nodes.Select(NodeEntry.From)]));
}
