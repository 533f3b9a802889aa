using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Phoenix;

namespace PresenceTracker.SignalR.Socket;

/// <summary>
/// Frames to clients. A diff is the same frame for all clients of a topic, and encoded once for each version. Thread-safe.
/// </summary>
internal static class SocketFrames
{
    private static readonly ConditionalWeakTable<TopicDiff, byte[]> DiffsV1 = [];
    private static readonly ConditionalWeakTable<TopicDiff, byte[]> DiffsV2 = [];

    public static ReadOnlyMemory<byte> Ok(SocketVersion version, SocketFrame request, Action<Utf8JsonWriter>? writeMembers = null) =>
        Reply(version, request, "ok", writeMembers);

    public static ReadOnlyMemory<byte> Error(SocketVersion version, SocketFrame request, string reason) =>
        Reply(version, request, "error", json => json.WriteString("reason", reason));

    /// <summary>The server's last word about a join.</summary>
    /// <param name="name"><c>phx_close</c> or <c>phx_error</c>.</param>
    public static ReadOnlyMemory<byte> End(SocketVersion version, string? joinRef, string topic, string name, string? reason = null) =>
        Encode(version, joinRef, joinRef, topic, name, json =>
        {
            json.WriteStartObject();
            if (reason is not null)
            {
                json.WriteString("reason", reason);
            }

            json.WriteEndObject();
        });

    public static ReadOnlyMemory<byte> State(SocketVersion version, string? joinRef, TopicView view) =>
        Encode(version, joinRef, null, view.Topic, "presence_state", json => PhoenixJson.WriteState(json, view));

    /// <returns>Empty if the diff changes nothing for a reader.</returns>
    public static ReadOnlyMemory<byte> Diff(SocketVersion version, TopicDiff diff) => version == SocketVersion.V1
        ? DiffsV1.GetValue(diff, static diff => EncodeDiff(SocketVersion.V1, diff))
        : DiffsV2.GetValue(diff, static diff => EncodeDiff(SocketVersion.V2, diff));

    private static byte[] EncodeDiff(SocketVersion version, TopicDiff diff)
    {
        var phoenix = new PhoenixDiff(diff);
        return phoenix.IsEmpty
            ? []
            : Encode(version, null, null, diff.After.Topic, "presence_diff", json => PhoenixJson.WriteDiff(json, phoenix));
    }

    private static byte[] Reply(SocketVersion version, SocketFrame request, string status, Action<Utf8JsonWriter>? writeMembers) =>
        Encode(version, request.JoinRef, request.Ref, request.Topic, "phx_reply", json =>
        {
            json.WriteStartObject();
            json.WriteString("status", status);
            json.WriteStartObject("response");
            writeMembers?.Invoke(json);
            json.WriteEndObject();
            json.WriteEndObject();
        });

    private static byte[] Encode(
        SocketVersion version, string? joinRef, string? @ref, string topic, string name, Action<Utf8JsonWriter> writePayload)
    {
        var frame = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(frame, PhoenixJson.WriterOptions))
        {
            if (version == SocketVersion.V2)
            {
                json.WriteStartArray();
                json.WriteStringValue(joinRef);
                json.WriteStringValue(@ref);
                json.WriteStringValue(topic);
                json.WriteStringValue(name);
                writePayload(json);
                json.WriteEndArray();
            }
            else
            {
                json.WriteStartObject();
                json.WriteString("topic", topic);
                json.WriteString("event", name);
                json.WritePropertyName("payload");
                writePayload(json);
                json.WriteString("ref", @ref);
                json.WriteEndObject();
            }
        }

        return frame.WrittenSpan.ToArray();
    }
}
