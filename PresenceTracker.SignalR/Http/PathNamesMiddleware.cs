using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PresenceTracker.SignalR.Http;

/// <summary>
/// Hands topics and keys in paths to the router as the client wrote them. The server has by then decoded the path, except for <c>%2F</c>,
/// and folded <c>.</c> and <c>..</c> away: <c>%252F</c> could not be told from <c>%2F</c>, and a room called <c>..</c> could not be named.
/// </summary>
/// <remarks>Like the router it does not tell upper from lower case. It looks for the API at the root of the server.</remarks>
internal sealed class PathNamesMiddleware(RequestDelegate next)
{
    /// <summary>
    /// Stands for a name that is given in the query. For clients that fold <c>.</c> and <c>..</c> before they send, as browsers do.
    /// </summary>
    private const string InQuery = "-";

    private const int ShownCharactersMax = 100;

    private const string BulkPath = "/api/presences";

    private static readonly string[] NamesBelow = ["/api/topics/", "/api/keys/"];

    public Task InvokeAsync(HttpContext context)
    {
        var path = PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var query = path.IndexOf('?');
        var search = query < 0 ? [] : path[query..];
        path = query < 0 ? path : path[..query];
        var hasNames = HasNames(path);
        if (!hasNames && HasNames(context.Request.Path.Value))
        {
            // Its names are decoded already, and would be once more.
            return Refused(context, "The path begins with escapes or dots, instead of with /api as it is.");
        }

        if (!hasNames && !path.TrimEnd('/').Equals(BulkPath, StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        if (!PercentEncoding.TryDecode(search, out _))
        {
            return Refused(context, "The query is not percent-encoded UTF-8.");
        }

        if (!hasNames)
        {
            return next(context);
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
                var shown = segments[i].Length <= ShownCharactersMax ? segments[i] : segments[i][..ShownCharactersMax] + "…";
                return Refused(context, $"The segment \"{shown}\" of the path is not percent-encoded UTF-8.");
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

    /// <summary>The path and query of a target; empty if it has none, as in <c>OPTIONS *</c>.</summary>
    private static ReadOnlySpan<char> PathOf(string target)
    {
        if (target.StartsWith('/'))
        {
            return target;
        }

        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        var path = scheme < 0 ? -1 : target.IndexOf('/', scheme + 3);
        return path < 0 ? [] : target.AsSpan(path);
    }

    private static bool HasNames(ReadOnlySpan<char> path)
    {
        foreach (var prefix in NamesBelow)
        {
            if (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static string? NameInQuery(HttpRequest request, string[] segments, int index) =>
        (segments[1].Equals("topics", StringComparison.OrdinalIgnoreCase), index) switch
        {
            (true, 2) => request.Query["topic"],
            (true, 4) or (false, 2) => request.Query["key"],
            _ => default,
        };

    private static Task Refused(HttpContext context, string detail) =>
        Problems.Of(StatusCodes.Status400BadRequest, detail).ExecuteAsync(context);
}
