using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PresenceTracker.SignalR.Http;

/// <summary>
/// Hands topics and keys in paths to the router as the client wrote them. The server has by then decoded the path, except for <c>%2F</c>,
/// and folded <c>.</c> and <c>..</c> away: <c>%252F</c> could not be told from <c>%2F</c>, and a room called <c>..</c> could not be named.
/// </summary>
internal sealed class PathNamesMiddleware(RequestDelegate next)
{
    /// <summary>
    /// Stands for a name that is given in the query. For clients that fold <c>.</c> and <c>..</c> before they send, as browsers do.
    /// </summary>
    private const string InQuery = "-";

    private static readonly string[] Prefixes = ["/api/topics/", "/api/keys/"];

    public Task InvokeAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var origin = target.StartsWith('/') ? 0 : target.IndexOf('/', target.IndexOf("://", StringComparison.Ordinal) + 3);
        var path = origin < 0 ? [] : target.AsSpan(origin);
        var query = path.IndexOf('?');
        var search = query < 0 ? [] : path[query..];
        path = query < 0 ? path : path[..query];
        if (!IsOurs(path))
        {
            return next(context);
        }

        if (!PercentEncoding.TryDecode(search, out _))
        {
            return Refused(context, "The query is not percent-encoded UTF-8.");
        }

        var segments = path[1..].ToString().Split('/');
        for (var i = 2; i < segments.Length; i++)
        {
            if (segments[i] == InQuery && NameInQuery(context.Request, segments, i) is { } name)
            {
                segments[i] = Uri.EscapeDataString(name);
            }
            else if (!PercentEncoding.TryDecode(segments[i], out _))
            {
                return Refused(context, $"The segment \"{segments[i]}\" of the path is not percent-encoded UTF-8.");
            }

            if (segments[i].Length == 0)
            {
                return Refused(context, "A topic and a key have at least one byte.");
            }
        }

        // Made by its constructor, which takes the text as it is; the conversion from a string would decode it.
        context.Request.Path = new PathString("/" + string.Join('/', segments));
        return next(context);
    }

    private static bool IsOurs(ReadOnlySpan<char> path)
    {
        foreach (var prefix in Prefixes)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static string? NameInQuery(HttpRequest request, string[] segments, int index) =>
        (segments[1], index) switch
        {
            ("topics", 2) => request.Query["topic"],
            ("topics", 4) or ("keys", 2) => request.Query["key"],
            _ => default,
        };

    private static Task Refused(HttpContext context, string detail) =>
        Problems.Of(StatusCodes.Status400BadRequest, detail).ExecuteAsync(context);
}
