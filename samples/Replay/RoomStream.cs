using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Replay;

/// <summary>A client of one node's event stream of one room, that folds every diff.</summary>
internal sealed class RoomStream(Node node, string room)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private RoomState? _state;

    /// <summary>Completes with the first state of the room.</summary>
    public Task Began => _began.Task;

    /// <summary>The first thing that was wrong with what it was told; null if nothing was.</summary>
    public string? Fault { get; private set; }

    public int DiffCount { get; private set; }

    /// <summary>Follows the room until cancelled; also a node that ends the stream, or is away for some time.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var retry = new PeriodicTimer(RetryAfter);
        try
        {
            while (true)
            {
                await FollowOnceAsync(cancellationToken);
                await retry.WaitForNextTickAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The replay is over.
        }
    }

    /// <returns>Whether the folded diffs are what the node lists.</returns>
    public bool IsEqualTo(RoomState list)
    {
        lock (_lock)
        {
            return _state is not null && _state.IsEqualTo(list);
        }
    }

    private async Task FollowOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await node.CheckAsync();
            await foreach (var e in node.EventsAsync(room, cancellationToken))
            {
                Apply(e);
            }
        }
        catch (Exception ended) when (ended is NodeLostException or HttpRequestException or IOException)
        {
            // It begins anew with the next state.
        }
    }

    private void Apply(SseItem<string> e)
    {
        using var data = JsonDocument.Parse(e.Data);
        lock (_lock)
        {
            if (e.EventType == "presence_state")
            {
                _state = RoomState.Of(data.RootElement);
                _began.TrySetResult();
            }
            else
            {
                DiffCount++;
                Fault ??= _state!.Apply(data.RootElement);
            }
        }
    }
}
