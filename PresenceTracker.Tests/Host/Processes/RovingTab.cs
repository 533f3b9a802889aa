using System.Net.WebSockets;
using Microsoft.AspNetCore.SignalR;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>
/// Somebody in a room who is back at once whenever the connection ends, at another Host, the next that takes it: as a client behind a load balancer. What
/// it is told it does not look at.
/// </summary>
internal sealed class RovingTab : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly IReadOnlyList<Uri> _hosts;
    private readonly int _step;
    private readonly string _room;
    private readonly string _key;
    private readonly Task _roving;
    private int _at;
    private volatile HubTab _tab;

    private RovingTab(IReadOnlyList<Uri> hosts, int at, int step, string room, string key, HubTab tab)
    {
        (_hosts, _at, _step, _room, _key, _tab) = (hosts, at, step, room, key, tab);
        _roving = RoveAsync();
    }

    /// <summary>Where it is; null while it is on its way.</summary>
    public Uri? Host => _tab.Ended.IsCompleted ? null : _hosts[Volatile.Read(ref _at)];

    /// <param name="at">At which of the Hosts it begins.</param>
    /// <param name="step">How many Hosts further it tries next; without a divisor in common with their number.</param>
    public static async Task<RovingTab> OpenAsync(IReadOnlyList<Uri> hosts, int at, int step, string room, string key) =>
        new(hosts, at, step, room, key, await HubTab.OpenAsync(hosts[at], room, key));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _roving;
        await _tab.DisposeAsync();
        _end.Dispose();
    }

    private async Task RoveAsync()
    {
        while (true)
        {
            await _tab.Ended.WaitAsync(_end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_end.IsCancellationRequested)
            {
                return;
            }

            await _tab.DisposeAsync();
            await ComeBackAsync();
        }
    }

    private async Task ComeBackAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var next = (_at + _step) % _hosts.Count;
            try
            {
                var tab = await HubTab.OpenAsync(_hosts[next], _room, _key);
                Volatile.Write(ref _at, next);
                _tab = tab;
                return;
            }
            catch (Exception refused) when (refused
                is HttpRequestException or WebSocketException or IOException or HubException or InvalidOperationException or OperationCanceledException)
            {
                // That Host is not there, or about to go.
                Volatile.Write(ref _at, next);
            }
        }
    }
}
