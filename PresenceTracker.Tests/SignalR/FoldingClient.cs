using PresenceTracker.Protocol.Presences;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.SignalR;

/// <summary>A client of the presence hub that folds what it is sent for one topic while it comes, anew after each join.</summary>
internal sealed class FoldingClient : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HubClient _client;
    private readonly string _topic;
    private readonly Task _reading;
    private HubFold _fold = new();

    private FoldingClient(HubClient client, string topic)
    {
        _client = client;
        _topic = topic;
        _reading = Task.Run(ReadAsync);
    }

    public int Messages { get; private set; }

    public static async Task<FoldingClient> ConnectAsync(HubApp app, string topic) => new(await HubClient.ConnectAsync(app), topic);

    public Task JoinAsync(string key) => _client.JoinAsync(_topic, key);

    public Task LeaveAsync() => _client.CallAsync("Leave", _topic);

    /// <summary>Waits until the key has come, and says that all is then as the view has it.</summary>
    public async Task EndsWithAsync(string key, TopicView view)
    {
        await Expect.UntilAsync(() => _reading.IsCompleted || Lists(key), $"{key} comes");
        if (_reading.IsCompleted)
        {
            await _reading;
        }

        lock (_gate)
        {
            _fold.AssertEqualTo(view);
        }
    }

    /// <summary>Fails if anything was told twice, or of somebody who was not there.</summary>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _reading;
    }

    private bool Lists(string key)
    {
        lock (_gate)
        {
            return _fold.Lists(key);
        }
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _client.Messages())
        {
            lock (_gate)
            {
                _fold = message.Name == HubMessage.State ? new HubFold() : _fold;
                _fold.Apply(message);
                Messages++;
            }
        }
    }
}
