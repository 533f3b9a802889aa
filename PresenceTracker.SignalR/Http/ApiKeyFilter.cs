using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace PresenceTracker.SignalR.Http;

/// <summary>Lets a write pass only with the key, if there is one; before anything of its body is read.</summary>
internal sealed class ApiKeyFilter(IOptions<PresenceApiOptions> options) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return options.Value.ApiKey is not { } key || ApiKey.IsInHeader(http.Request, key)
            ? next(context)
            : ValueTask.FromResult<object?>(Problems.Unauthorized(
                http.Response, "Writes need the header \"Authorization: Bearer KEY\" with the key of this node."));
    }
}
