using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Replay;

/// <summary>One node of the cluster, over its HTTP API. Thread-safe.</summary>
internal sealed class Node(Uri url, string? apiKey) : IDisposable
{
    // The owner tells the replay's presences from those that somebody else has in the same rooms; the longest lease there is.
    private const string Lease = "lease=24h&owner=replay";

    // As long as a holder that was killed can be taken for alive, and then some.
    private static readonly TimeSpan UnavailableMax = TimeSpan.FromSeconds(30);

    // Where the node does not say when to come back.
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new()
    {
        BaseAddress = url,
        Timeout = TimeSpan.FromSeconds(10),
        DefaultRequestHeaders = { Authorization = apiKey is null ? null : new AuthenticationHeaderValue("Bearer", apiKey) },
    };

    private string? _incarnation;
    private volatile bool _isLost;

    public string Name => url.Authority;

    /// <summary>Whether what it held is gone. It stays so if the node comes back.</summary>
    public bool IsLost => _isLost;

    /// <summary>Before anything else: notes which process it is.</summary>
    public async Task StartAsync() => _incarnation = await IncarnationAsync();

    /// <summary>Finds out whether it is still the same process.</summary>
    public async Task CheckAsync()
    {
        if (!_isLost && await IncarnationAsync() != _incarnation)
        {
            throw Lost("was restarted", null);
        }
    }

    /// <summary>Tracks or renews, in order.</summary>
    public async Task TrackAsync(IReadOnlyCollection<RoomUser> presences)
    {
        var lines = new StringBuilder();
        foreach (var (room, user) in presences)
        {
            lines.AppendLine(JsonSerializer.Serialize(new { topic = room, key = user, meta = RoomState.Meta }));
        }

        using var answer = JsonDocument.Parse(await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, $"/api/presences?{Lease}")
        {
            Content = new StringContent(lines.ToString(), Encoding.UTF8, "application/x-ndjson"),
        }));
        if (answer.RootElement.GetProperty("failed").GetInt32() > 0)
        {
            throw new ReplayException($"{Name} refused a presence: {answer.RootElement.GetProperty("errors")[0]}");
        }
    }

    /// <summary>Ends a presence; that there was none is no fault, because the trace has leaves of who is not there.</summary>
    public async Task UntrackAsync(RoomUser presence) => await SendAsync(
        () => new HttpRequestMessage(
            HttpMethod.Delete, $"/api/topics/{presence.Room}/presences/{Uri.EscapeDataString(presence.User)}?{Lease}"),
        HttpStatusCode.NotFound);

    /// <summary>Who is in a room, as <c>presence_state</c>.</summary>
    public async Task<JsonDocument> ListAsync(string room) =>
        JsonDocument.Parse(await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, $"/api/topics/{room}/presences")));

    /// <summary>A room's <c>presence_state</c> and then each <c>presence_diff</c>, until the node ends the stream.</summary>
    public async IAsyncEnumerable<SseItem<string>> EventsAsync(string room, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stream = await _http.GetStreamAsync(new Uri($"/api/topics/{room}/events", UriKind.Relative), cancellationToken);
        await foreach (var e in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            yield return e;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> IncarnationAsync()
    {
        using var answer = JsonDocument.Parse(await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, "/api/nodes")));
        var self = answer.RootElement.GetProperty("nodes").EnumerateArray().First(node => node.GetProperty("self").GetBoolean());
        return self.GetProperty("incarnation").GetString()!;
    }

    /// <summary>
    /// Sends until it is answered otherwise than by 503, which says that the same request may succeed later: the node that holds the presence
    /// may not have answered, or this one has too much to do.
    /// </summary>
    /// <param name="newRequest">None can be sent twice.</param>
    private async Task<string> SendAsync(Func<HttpRequestMessage> newRequest, HttpStatusCode alsoAllowed = HttpStatusCode.OK)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            using var request = newRequest();
            using var response = await AnswerAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode || response.StatusCode == alsoAllowed)
            {
                return body;
            }

            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || Stopwatch.GetElapsedTime(began) >= UnavailableMax)
            {
                throw new ReplayException($"{Name} answered {request.Method} {request.RequestUri} by {(int)response.StatusCode}: {body}");
            }

            await Task.Delay(response.Headers.RetryAfter?.Delta ?? RepeatAfter);
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request)
    {
        try
        {
            return await _http.SendAsync(request);
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
        {
            throw Lost($"does not answer: {silent.Message}", silent);
        }
    }

    private NodeLostException Lost(string what, Exception? cause)
    {
        _isLost = true;
        return new NodeLostException($"{Name} {what}", cause);
    }
}
