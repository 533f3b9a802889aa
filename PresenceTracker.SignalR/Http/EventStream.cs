using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PresenceTracker.Errors;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Http;

/// <summary>
/// A topic as server-sent events: its state, then every diff. A client that comes back gets a fresh state, whatever event it names as its
/// last. A reader that is slow is brought up to date in one diff by its subscription; one that reads nothing for 30 s is dropped.
/// </summary>
/// <param name="begun">Null if the node is not ready yet: then the state comes when it is, and comments until then.</param>
/// <param name="frames">Encodes what is sent.</param>
/// <param name="slots">One of them is taken, and released at the end.</param>
internal sealed class EventStream(
    Tracker tracker, string topic, Subscription? begun, bool withNodes, EventFrames frames, EventStreamSlots slots) : IResult
{
    public const string ContentType = "text/event-stream";

    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);

    // Six times what a node waits for seeds that do not answer. The client asks again, perhaps another node.
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);

    // So much of a long event has to get through within the time-out, so that a large room is no reason to be dropped.
    private const int WriteBytesMax = 64 * 1024;

    private TimeProvider _time = TimeProvider.System;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        try
        {
            await StreamAsync(httpContext);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task StreamAsync(HttpContext httpContext)
    {
        _time = httpContext.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        var stopping = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        Begin(httpContext);
        try
        {
            await using var subscription = begun ?? await SubscribeWhenReadyAsync(httpContext, end.Token);
            await WriteStateAsync(httpContext, subscription, end.Token);
            await WriteDiffsAsync(httpContext, subscription, end);
        }
        catch (Exception over) when (over is OperationCanceledException or TimeoutException or IOException or TrackerStoppedException)
        {
            // The client has gone or does not read, or the node stops: the stream is over, and the client finds another node.
        }
    }

    private static void Begin(HttpContext context)
    {
        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-cache, no-store";
        // What nginx needs to be told so as not to collect the events.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // The rule for slow readers is the time-out here, not the server's least rate.
        context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
    }

    /// <exception cref="TimeoutException">The node does not become ready.</exception>
    private async Task<Subscription> SubscribeWhenReadyAsync(HttpContext context, CancellationToken end)
    {
        var began = _time.GetTimestamp();
        do
        {
            await WriteAsync(context, EventFrames.KeepAlive, end);
            await ((Task)tracker.Ready.WaitAsync(KeepAliveInterval, _time, end)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!tracker.Ready.IsCompleted && !end.IsCancellationRequested && _time.GetElapsedTime(began) < ReadyPatience);
        await tracker.Ready.WaitAsync(TimeSpan.Zero, _time, end);
        return await tracker.SubscribeAsync(topic, end);
    }

    // On its own, so that nothing of the state is kept for as long as the stream lasts.
    private async Task WriteStateAsync(HttpContext context, Subscription subscription, CancellationToken end)
    {
        var frame = frames.StateAsync(subscription.TakeSnapshot(), withNodes);
        await WriteAsync(context, await frame, end);

        // Until here others that begin with this state are given the same bytes.
        GC.KeepAlive(frame);
    }

    private async Task WriteDiffsAsync(HttpContext context, Subscription subscription, CancellationTokenSource end)
    {
        await using var diffs = subscription.Diffs(end.Token).GetAsyncEnumerator();
        var next = diffs.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                await ((Task)next.WaitAsync(KeepAliveInterval, _time)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!next.IsCompleted)
                {
                    await WriteAsync(context, EventFrames.KeepAlive, end.Token);
                    continue;
                }

                if (!await next)
                {
                    return;
                }

                await WriteAsync(context, await frames.DiffAsync(diffs.Current, withNodes), end.Token);
                next = diffs.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            // An enumerator must not be disposed while it is still waiting.
            await end.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        try
        {
            while (!frame.IsEmpty)
            {
                var part = frame[..Math.Min(frame.Length, WriteBytesMax)];
                frame = frame[part.Length..];
                var write = context.Response.BodyWriter.WriteAsync(part, cancellationToken);
                if (!write.IsCompletedSuccessfully)
                {
                    await write.AsTask().WaitAsync(WriteTimeout, _time, cancellationToken);
                }
            }
        }
        catch
        {
            // What is still to be written would keep the connection, and at a stop the process.
            context.Abort();
            throw;
        }
    }
}
