using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PresenceTracker.SignalR.Http;

/// <summary>
/// Lets a read pass only once the node holds what the others held as it joined. What it would answer before looks like all there is, and whoever
/// believes it reports leaves that never were.
/// </summary>
internal sealed class ReadyFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return http.RequestServices.GetRequiredService<Tracker>().Ready.IsCompletedSuccessfully
            ? next(context)
            : ValueTask.FromResult<object?>(Problems.NotReady(http.Response));
    }
}
