using Microsoft.AspNetCore.SignalR;

namespace PresenceTracker.Host;

/// <summary>
/// Logs what goes wrong in a call to a hub, once. SignalR itself logs each refused call as an error with a stack trace, so that any client
/// could fill the log; that log is off.
/// </summary>
internal sealed partial class HubFaultLog(ILogger<HubFaultLog> logger) : IHubFilter
{
    /// <summary>Where SignalR logs calls.</summary>
    public const string ReplacedCategory = "Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher";

    public async ValueTask<object?> InvokeMethodAsync(
        HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocationContext);
        }
        catch (Exception fault) when (fault is not HubException)
        {
            // A HubException is the refusal of what a caller did wrong, and is told to him.
            Failed(fault, invocationContext.HubMethodName);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Error, "A call of {Method} to the hub failed")]
    private partial void Failed(Exception fault, string method);
}
