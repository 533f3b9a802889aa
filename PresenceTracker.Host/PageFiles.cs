namespace PresenceTracker.Host;

/// <summary>The page for people at <c>/</c>: the files in <c>wwwroot</c>, as they are.</summary>
internal static class PageFiles
{
    // Only what this node serves, nothing inline, in nobody's frame: a name that got past the page as markup could still do nothing.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static void UsePage(this IApplicationBuilder app)
    {
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = file => SetHeaders(file.Context.Response.Headers) });
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";

        // Asked for anew each time, and answered by 304: after an update no browser mixes old and new files.
        headers.CacheControl = "no-cache";
    }
}
