using System.Diagnostics;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Many clients of the events of one topic. One thread may wait at a time. Disposing it closes them all.</summary>
internal sealed class EventStreams : IAsyncDisposable
{
    private readonly EventStream[] _streams;

    private EventStreams(EventStream[] streams) => _streams = streams;

    public static async Task<EventStreams> OpenAsync(Uri host, string topic, int streams) =>
        new(await Task.WhenAll(Enumerable.Range(0, streams).Select(_ => EventStream.OpenAsync(host, topic))));

    /// <summary>Tracks a key that is new in the topic.</summary>
    /// <returns>From the request until the last stream was told.</returns>
    public async Task<TimeSpan> SeenByAllAsync(HostProcess host, string topic, string key)
    {
        var began = Stopwatch.GetTimestamp();
        await host.PutAsync(topic, key, lease: "10m");
        var seen = await Task.WhenAll(_streams.Select(stream => stream.JoinedAsync(key)));
        return Stopwatch.GetElapsedTime(began, seen.Max());
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_streams.Select(stream => stream.DisposeAsync().AsTask()));
}
