using System.Collections.Concurrent;
using System.Diagnostics;
using PresenceTracker.Tests.Cluster.Processes;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>
/// One room of one Host, with many in it by connections of their own to the hub, of whom some listen; others come and go. Disposing it ends all
/// connections.
/// </summary>
internal sealed class BigRoom : IAsyncDisposable
{
    public const string Room = "room:1";

    private const int ListenersMax = 50;

    // Leaving and joining takes its time too.
    private const double Spare = 1.05;

    // Several times the longest window, so that nobody comes and goes within one, of whom nobody would be told.
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, long> _asked = new();
    private readonly HubTab[] _tabs;
    private readonly RoomListener[] _listeners;
    private readonly HubTab[] _comers;
    private int _turn;

    private BigRoom(int clients, int joinsPerSecond)
    {
        _listeners = new RoomListener[Math.Min(ListenersMax, clients / 10)];
        _comers = new HubTab[(int)(joinsPerSecond * Stay.TotalSeconds * Spare)];
        _tabs = new HubTab[clients - _listeners.Length - _comers.Length];
    }

    /// <param name="clients">All of them, with those who come and go.</param>
    public static async Task<BigRoom> OpenAsync(Uri host, int clients, int joinsPerSecond)
    {
        var room = new BigRoom(clients, joinsPerSecond);
        await Crowd.EachAsync(room._listeners.Length, async n => room._listeners[n] = await RoomListener.OpenAsync(host, Room, $"listener {n}"));
        await Crowd.EachAsync(room._tabs.Length, async n => room._tabs[n] = await HubTab.OpenAsync(host, Room, $"user {n}"));
        await Crowd.EachAsync(room._comers.Length, async n => room._comers[n] = await HubTab.OpenAsync(host, Room, room.NextKey(n)));
        return room;
    }

    /// <summary>For so long each of those who come and go leaves and joins again, under another key, each time that it has stayed for a while.</summary>
    /// <returns>How long the listeners waited for each join, from the call on.</returns>
    public async Task<RoomWaits> ChurnAsync(TimeSpan time)
    {
        _asked.Clear();
        using var end = new CancellationTokenSource(time);
        await Task.WhenAll(_comers.Select((comer, n) => ComeAndGoAsync(comer, n, end.Token)));
        var last = _asked.Keys.ToList();

        // What is under way arrives within a window, unless the Host is behind: the time-out is for that.
        await Eventually.HoldsAsync("the listeners are told of all joins", TimeSpan.FromSeconds(30), () => Task.FromResult(
            _listeners.Sum(listener => last.Count(key => listener.JoinedAt(key) is null)) is var missing and > 0 ? $"{missing} are missing" : null));
        var waits = _listeners
            .SelectMany(listener => last.Select(key => Stopwatch.GetElapsedTime(_asked[key], listener.JoinedAt(key)!.Value))).Order().ToList();
        return new RoomWaits(last.Count, waits);
    }

    /// <summary>All leave, so that nobody is held for a leave grace.</summary>
    public async Task LeaveAsync()
    {
        await Crowd.EachAsync(_tabs.Length, n => _tabs[n].LeaveAsync(Room));
        await Crowd.EachAsync(_comers.Length, n => _comers[n].LeaveAsync(Room));
        await Crowd.EachAsync(_listeners.Length, n => _listeners[n].LeaveAsync(Room));
    }

    public async ValueTask DisposeAsync()
    {
        await Crowd.EachAsync(_tabs.Length, n => _tabs[n].DisposeAsync().AsTask());
        await Crowd.EachAsync(_comers.Length, n => _comers[n].DisposeAsync().AsTask());
        await Crowd.EachAsync(_listeners.Length, n => _listeners[n].DisposeAsync().AsTask());
    }

    private string NextKey(int comer) => $"comer {comer}, {Interlocked.Increment(ref _turn)}";

    private async Task ComeAndGoAsync(HubTab comer, int n, CancellationToken end)
    {
        try
        {
            // The first turns are spread evenly over the time.
            for (var stay = Stay * (n + 1) / _comers.Length; ; stay = Stay)
            {
                using var turn = new PeriodicTimer(stay);
                await turn.WaitForNextTickAsync(end);
                await comer.LeaveAsync(Room);
                var key = NextKey(n);
                _asked[key] = Stopwatch.GetTimestamp();
                await comer.JoinAsync(Room, key);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Long enough.
        }
    }
}
