namespace PresenceTracker.Host;

/// <summary>
/// Lets pages of other sites neither write nor connect. A browser sends a <c>POST</c> of text and opens a WebSocket for whatever page asks for
/// it, to whatever the machine reaches; it names the page's site as the origin, which programs other than browsers do not do.
/// </summary>
internal sealed class OriginMiddleware(RequestDelegate next, HostSettings settings)
{
    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        return origin.Length == 0 || !IsGuarded(context.Request) || IsOwn(origin, context.Request)
            || settings.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            ? next(context)
            : TypedResults.Problem(
                $"A page of another site may not do this. Its site can be allowed by {HostOption.AllowedOrigins.Argument}.",
                statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context);
    }

    private static bool IsGuarded(HttpRequest request) =>
        request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase)
        || request.Path.StartsWithSegments("/socket", StringComparison.OrdinalIgnoreCase)
        || (request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            && !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method));

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var site)
        && Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var own)
        && site.GetLeftPart(UriPartial.Authority).Equals(own.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
}
