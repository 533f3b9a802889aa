using PresenceTracker.SignalR.Access;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>The calls of one connection, which take turns until it ends. Thread-safe.</summary>
internal sealed class CallTurns
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isOver;

    /// <exception cref="PresenceRefusedException">The connection has ended.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        await _turn.WaitAsync();
        try
        {
            return _isOver ? throw new PresenceRefusedException("the connection is closed") : await call();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>After the calls that are under way; those that come later are refused.</summary>
    public async Task EndAsync(Func<Task> last)
    {
        await _turn.WaitAsync();
        _isOver = true;
        try
        {
            await last();
        }
        finally
        {
            _turn.Release();
        }
    }
}
