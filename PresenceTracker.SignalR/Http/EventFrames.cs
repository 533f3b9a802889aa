using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Phoenix;

namespace PresenceTracker.SignalR.Http;

/// <summary>
/// Server-sent events as bytes. A diff goes to every stream of its topic and is encoded once, as is a state for all streams that begin with
/// it at about the same time: of a state nothing is kept that no stream is writing. Thread-safe.
/// </summary>
internal sealed class EventFrames(EnricherCalls enricher)
{
    private readonly ConditionalWeakTable<TopicView, WeakReference<Task<byte[]>>> _states = [];
    private readonly ConditionalWeakTable<TopicView, WeakReference<Task<byte[]>>> _statesWithNodes = [];
    private readonly ConditionalWeakTable<TopicDiff, Lazy<Task<byte[]>>> _diffs = [];
    private readonly ConditionalWeakTable<TopicDiff, Lazy<Task<byte[]>>> _diffsWithNodes = [];

    public static ReadOnlyMemory<byte> KeepAlive { get; } = ": keep-alive\n\n"u8.ToArray();

    /// <returns>Others are given the same for as long as somebody holds it.</returns>
    public Task<byte[]> StateAsync(TopicView view, bool withNodes)
    {
        var encoded = (withNodes ? _statesWithNodes : _states).GetValue(view, static _ => new WeakReference<Task<byte[]>>(null!));
        lock (encoded)
        {
            if (!encoded.TryGetTarget(out var frame))
            {
                encoded.SetTarget(frame = EncodeStateAsync(view, withNodes));
            }

            return frame;
        }
    }

    /// <returns>Empty if the diff changes nothing for a reader.</returns>
    public Task<byte[]> DiffAsync(TopicDiff diff, bool withNodes) => (withNodes ? _diffsWithNodes : _diffs).GetValue(
        diff, diff => new Lazy<Task<byte[]>>(() => EncodeDiffAsync(diff, withNodes))).Value;

    private async Task<byte[]> EncodeStateAsync(TopicView view, bool withNodes)
    {
        var fields = await enricher.FetchAsync(view.Topic, view.Keys);
        return Encode("retry: 1000\nevent: presence_state\n", view.Version, json => PhoenixJson.WriteState(json, view, withNodes, fields));
    }

    private async Task<byte[]> EncodeDiffAsync(TopicDiff diff, bool withNodes)
    {
        var phoenix = new PhoenixDiff(diff);
        if (phoenix.IsEmpty)
        {
            return [];
        }

        var fields = await enricher.FetchAsync(diff.After.Topic, diff.Events.Select(change => change.Presence.Key));
        return Encode("event: presence_diff\n", diff.After.Version, json => PhoenixJson.WriteDiff(json, phoenix, withNodes, fields));
    }

    private static byte[] Encode(string head, ulong version, Action<Utf8JsonWriter> writeData)
    {
        var frame = new ArrayBufferWriter<byte>();
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head}id: {version}\ndata: "), frame);
        using (var json = new Utf8JsonWriter(frame, PhoenixJson.WriterOptions))
        {
            writeData(json);
        }

        frame.Write("\n\n"u8);
        return frame.WrittenSpan.ToArray();
    }
}
