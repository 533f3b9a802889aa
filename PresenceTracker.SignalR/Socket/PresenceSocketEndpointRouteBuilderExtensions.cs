using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using PresenceTracker;
using PresenceTracker.SignalR.Http;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.SignalR.Socket;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the socket for clients of Phoenix Channels and of Supabase Realtime.</summary>
public static class PresenceSocketEndpointRouteBuilderExtensions
{
    private const string Subprotocol = "phoenix";

    /// <summary>
    /// Serves presence to clients of Phoenix Channels (<c>new Socket("/socket")</c>) and, on topics that begin with <c>realtime:</c>, to those of
    /// Supabase Realtime. Its presences live and die with the connection, as those of the hub do; the hub's options hold, so
    /// <c>AddPresence</c> must have been called.
    /// </summary>
    /// <remarks>
    /// Who has signed in speaks for the key that is their id (the claim <see cref="ClaimTypes.NameIdentifier"/>) and for no other; where nobody
    /// signs in, clients choose their keys. An <c>IPresenceAuthorizer</c> of the application is not asked here, and the hub's limits on calls
    /// and its windows for updates and diffs do not hold: where they must, do not map the socket.
    /// </remarks>
    public static IEndpointConventionBuilder MapPresenceSocket(this IEndpointRouteBuilder endpoints, string pattern = "/socket/websocket")
    {
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets();
        pipeline.Run(AcceptAsync);
        return endpoints.MapGet(pattern, pipeline.Build()).WithDisplayName("Presence socket").ExcludeFromDescription();
    }

    private static async Task AcceptAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Problems.Of(StatusCodes.Status400BadRequest, "This is a WebSocket for clients of Phoenix Channels.").ExecuteAsync(context);
            return;
        }

        if (VersionOf(context.Request.Query["vsn"]) is not { } version)
        {
            await Problems.Of(StatusCodes.Status403Forbidden, "The vsn in the query is 1.0.0 or 2.0.0.").ExecuteAsync(context);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol, StringComparer.Ordinal) ? Subprotocol : null);
        using var connection = new SocketConnection(socket, version);
        var services = context.RequestServices;
        var closing = Task.CompletedTask;
        var stop = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(
            () => closing = connection.CloseAsync(SocketConnection.ServiceRestart, "the node stops"));
        try
        {
            await new SocketSession(
                connection,
                services.GetRequiredService<Tracker>(),
                context.User.FindFirstValue(ClaimTypes.NameIdentifier),
                services.GetRequiredService<IOptions<PresenceHubOptions>>().Value.TopicsMax).RunAsync();
        }
        finally
        {
            // Waits for it if it is under way.
            await stop.DisposeAsync();
            await closing;
        }
    }

    /// <returns>Null if no serializer goes by this version.</returns>
    private static SocketVersion? VersionOf(string? vsn) => vsn switch
    {
        null or "" => SocketVersion.V1,
        _ when vsn.StartsWith("1.0.", StringComparison.Ordinal) => SocketVersion.V1,
        _ when vsn.StartsWith("2.0.", StringComparison.Ordinal) => SocketVersion.V2,
        _ => null,
    };
}
