using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace PresenceTracker.SignalR.Http;

/// <summary>Puts <see cref="PathNamesMiddleware"/> before the routing of the application, wherever that is.</summary>
internal sealed class PathNamesStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<PathNamesMiddleware>();
        next(app);
    };
}
