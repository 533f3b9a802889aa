using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using PresenceTracker.Tests.Surface;

using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>An event stream as a client reads it.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private EventReader(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _events = SseParser.Create(body).EnumerateAsync().GetAsyncEnumerator();
    }

    public static async Task<EventReader> OpenAsync(HttpClient http, string path, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.EnsureSuccessStatusCode().Content.Headers.ContentType?.ToString());
        return new EventReader(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; null when the stream has ended.</summary>
    public async Task<SseItem<string>?> NextAsync() => await _events.MoveNextAsync().AsTask().InTime() ? _events.Current : null;

    public async Task<JsonObject> NextAsync(string type)
    {
        var next = await NextAsync();
        Assert.Equal(type, next?.EventType);
        Assert.False(string.IsNullOrEmpty(next!.Value.EventId));
        return JsonNode.Parse(next.Value.Data)!.AsObject();
    }

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        await _events.DisposeAsync();
    }
}
