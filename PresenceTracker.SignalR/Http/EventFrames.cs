using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Phoenix;

namespace PresenceTracker.SignalR.Http;

/// <summary>
/// Server-sent events as bytes. A diff goes to every stream of its topic and is encoded once, as is a state for all streams that begin with
/// it at about the same time: of a state nothing is kept that no stream is writing. Thread-safe.
/// </summary>
internal static class EventFrames
{
    private static readonly ConditionalWeakTable<TopicView, WeakReference<byte[]>> States = [];
    private static readonly ConditionalWeakTable<TopicView, WeakReference<byte[]>> StatesWithNodes = [];
    private static readonly ConditionalWeakTable<TopicDiff, byte[]> Diffs = [];
    private static readonly ConditionalWeakTable<TopicDiff, byte[]> DiffsWithNodes = [];

    public static ReadOnlyMemory<byte> KeepAlive { get; } = ": keep-alive\n\n"u8.ToArray();

    public static ReadOnlyMemory<byte> State(TopicView view, bool withNodes)
    {
        var encoded = (withNodes ? StatesWithNodes : States).GetValue(view, static _ => new WeakReference<byte[]>(null!));
        lock (encoded)
        {
            if (!encoded.TryGetTarget(out var frame))
            {
                encoded.SetTarget(frame = EncodeState(view, withNodes));
            }

            return frame;
        }
    }

    /// <returns>Empty if the diff changes nothing for a reader.</returns>
    public static ReadOnlyMemory<byte> Diff(TopicDiff diff, bool withNodes) => withNodes
        ? DiffsWithNodes.GetValue(diff, static diff => EncodeDiff(diff, withNodes: true))
        : Diffs.GetValue(diff, static diff => EncodeDiff(diff, withNodes: false));

    private static byte[] EncodeState(TopicView view, bool withNodes) =>
        Encode("retry: 1000\nevent: presence_state\n", view.Version, json => PhoenixJson.WriteState(json, view, withNodes));

    private static byte[] EncodeDiff(TopicDiff diff, bool withNodes)
    {
        var phoenix = new PhoenixDiff(diff);
        return phoenix.IsEmpty
            ? []
            : Encode("event: presence_diff\n", diff.After.Version, json => PhoenixJson.WriteDiff(json, phoenix, withNodes));
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
