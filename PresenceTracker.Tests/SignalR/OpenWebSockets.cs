using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.SignalR;

/// <summary>Counts the WebSockets of an application that it has not done with yet. Thread-safe.</summary>
internal sealed class OpenWebSockets : IStartupFilter
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public Task UntilAsync(int count) => Expect.UntilAsync(() => Count == count, $"{count} WebSockets", () => $"there are {Count}");

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, handle) =>
        {
            if (!context.Request.Headers.ContainsKey("Sec-WebSocket-Key"))
            {
                await handle(context);
                return;
            }

            Interlocked.Increment(ref _count);
            try
            {
                await handle(context);
            }
            finally
            {
                Interlocked.Decrement(ref _count);
            }
        });
        next(app);
    };
}
