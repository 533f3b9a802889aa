using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Feeds;
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
    /// Supabase Realtime. Its presences live and die with the connection, and it is held to the same rules as the connections of hubs: the
    /// <see cref="IPresenceAuthorizer"/> of the application is asked, and the limits, intervals and windows of <see cref="PresenceHubOptions"/> hold.
    /// </summary>
    /// <remarks>
    /// <para>A browser opens a WebSocket for any page, with the cookies of the user, and CORS does not hold it up. Unless
    /// <c>services.Configure&lt;WebSocketOptions&gt;(options => options.AllowedOrigins.Add("https://chat.example"))</c> names the sites whose pages
    /// may connect, those of every site may.</para>
    /// <para>The id of a user is the claim <see cref="ClaimTypes.NameIdentifier"/>. An <c>IUserIdProvider</c> is not asked: it knows connections of
    /// hubs only.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException"><c>AddSignalR().AddPresence()</c> has not been called.</exception>
    public static IEndpointConventionBuilder MapPresenceSocket(this IEndpointRouteBuilder endpoints, string pattern = "/socket/websocket")
    {
        if (!endpoints.ServiceProvider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(TopicFeeds)))
        {
            throw new InvalidOperationException("MapPresenceSocket needs what AddSignalR().AddPresence() adds to the services.");
        }

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

        var services = context.RequestServices;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol, StringComparer.Ordinal) ? Subprotocol : null);
        using var connection = new SocketConnection(socket, version, services.GetService<TimeProvider>() ?? TimeProvider.System);
        var caller = new PresenceCaller(Guid.NewGuid().ToString("N"), context.User.FindFirstValue(ClaimTypes.NameIdentifier), context.User);
        var session = ActivatorUtilities.CreateInstance<SocketSession>(services, connection, caller, context.RequestAborted);
        await using var stop = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(session.Stop);
        await session.RunAsync();
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
