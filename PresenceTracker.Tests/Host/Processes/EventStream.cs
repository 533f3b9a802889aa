using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>
/// A client of <c>GET /api/topics/{topic}/events</c> that folds what it is told, and hands each diff on in order. One thread may wait at a time.
/// </summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly Stream _stream;
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<(long At, JsonObject Diff)> _diffs = Channel.CreateUnbounded<(long, JsonObject)>();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PresenceFold _fold = new();
    private readonly Lock _lock = new();
    private readonly Task _reading;

    /// <param name="http">The stream's own from now on.</param>
    public EventStream(HttpClient http, Stream stream)
    {
        _http = http;
        _stream = stream;
        _reading = ReadAsync();
    }

    /// <summary>Completes when the stream has ended.</summary>
    public Task Ended => _reading;

    /// <summary>What the client lists now.</summary>
    public SortedDictionary<string, string[]> Refs
    {
        get
        {
            lock (_lock)
            {
                return _fold.Refs;
            }
        }
    }

    /// <summary>Opens the stream and waits for the first state.</summary>
    public static async Task<EventStream> OpenAsync(Uri host, string topic)
    {
        // The rest of a stream never comes, so there is nothing to wait for when it is closed.
        var http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { Timeout = Timeout.InfiniteTimeSpan };
        var stream = new EventStream(http, await http.GetStreamAsync(new Uri(host, $"api/topics/{Uri.EscapeDataString(topic)}/events")));
        await stream._first.Task.WaitAsync(Patience);
        return stream;
    }

    /// <summary>The next diff that came.</summary>
    public async Task<(long At, JsonObject Diff)> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await _diffs.Reader.ReadAsync(patience.Token);
    }

    /// <summary>Reads on to the diff in which the key joins.</summary>
    /// <returns>When it came.</returns>
    public async Task<long> JoinedAsync(string key)
    {
        while (true)
        {
            var (at, diff) = await NextAsync();
            if (diff["joins"]!.AsObject().ContainsKey(key))
            {
                return at;
            }
        }
    }

    /// <summary>Every diff that has come and that nobody has waited for.</summary>
    public List<JsonObject> TakeAll()
    {
        var all = new List<JsonObject>();
        while (_diffs.Reader.TryRead(out var next))
        {
            all.Add(next.Diff);
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        await _stream.DisposeAsync();
        _http.Dispose();
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var message in SseParser.Create(_stream).EnumerateAsync(_end.Token))
            {
                var data = JsonNode.Parse(message.Data)!.AsObject();
                Take(message.EventType, data);
            }
        }
        catch (Exception ended) when (ended is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
        {
            // The host went, or the test has seen enough.
        }
        catch (Exception fault)
        {
            _first.TrySetException(fault);
            _diffs.Writer.TryComplete(fault);
            return;
        }

        _first.TrySetException(new EndOfStreamException("the stream ended before the first state"));
        _diffs.Writer.TryComplete();

        // Whoever awaits it is told; that nobody does any more is no fault of the process.
        _ = _first.Task.Exception;
    }

    private void Take(string kind, JsonObject data)
    {
        lock (_lock)
        {
            if (kind == "presence_state")
            {
                _fold.Replace(data);
                _first.TrySetResult();
                return;
            }

            _fold.Apply(data);
        }

        _diffs.Writer.TryWrite((Stopwatch.GetTimestamp(), data));
    }
}
