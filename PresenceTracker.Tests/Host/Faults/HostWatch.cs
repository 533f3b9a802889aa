using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>A client of one Host's events of one topic, which comes back whenever its stream ends, and records all that it is told.</summary>
internal sealed class HostWatch : IAsyncDisposable
{
    private static readonly TimeSpan ComeBackAfter = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = new(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _end = new();
    private readonly History _history;
    private readonly IReadOnlyList<string> _hosts;
    private readonly int _host;
    private readonly Uri _url;
    private readonly string _topic;
    private readonly Task _watching;

    /// <param name="hosts">The addresses of all Hosts' nodes.</param>
    public HostWatch(History history, IReadOnlyList<string> hosts, int host, Uri url, string topic)
    {
        _history = history;
        _hosts = hosts;
        _host = host;
        _url = new Uri(url, $"api/topics/{Uri.EscapeDataString(topic)}/events?nodes=true");
        _topic = topic;
        _watching = WatchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _http.Dispose();
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var session = new WatchSession(_host, _topic, _hosts);
            var (asked, how) = (_history.Now, "it ended in good order");
            try
            {
                await ReadAsync(session);
            }
            catch (Exception ended) when (ended is HttpRequestException or IOException or OperationCanceledException)
            {
                // The Host was killed, or stops, or the test has seen enough; the judgement knows which.
                how = $"{ended.GetType().Name}: {ended.Message}";
            }
            catch (InvalidOperationException fault)
            {
                how = fault.Message;
                _history.AddFault($"on Host {_host} joins and leaves do not alternate: {fault.Message}");
            }

            var now = _history.Now;
            session.End(now);
            if (session.Steps.Count > 0)
            {
                _history.Add(session);
            }

            if (!_end.IsCancellationRequested)
            {
                _history.Add(new Refusal(_host, IsOfStream: true, new Span(session.Steps.Count > 0 ? now : asked, now), $"{_topic}: {how}"));
            }

            await Pace.LastsAsync(ComeBackAfter, _end.Token);
        }
    }

    private async Task ReadAsync(WatchSession session)
    {
        await using var stream = await _http.GetStreamAsync(_url, _end.Token);
        await foreach (var message in SseParser.Create(stream).EnumerateAsync(_end.Token))
        {
            var data = JsonNode.Parse(message.Data)!.AsObject();
            if (message.EventType == "presence_state")
            {
                session.State(data, _history.Now);
            }
            else
            {
                session.Diff(data, _history.Now);
            }
        }
    }
}
