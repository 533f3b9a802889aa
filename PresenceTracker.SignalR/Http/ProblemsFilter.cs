using Microsoft.AspNetCore.Http;
using PresenceTracker.Errors;

namespace PresenceTracker.SignalR.Http;

/// <summary>Answers what a caller did wrong with problem details. Anything else that is thrown is a fault of ours and goes on.</summary>
internal sealed class ProblemsFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (PresenceException refused)
        {
            return Problems.From(refused, context.HttpContext.Response);
        }
        catch (BadHttpRequestException malformed)
        {
            return Problems.Of(malformed.StatusCode, malformed.Message);
        }
    }
}
