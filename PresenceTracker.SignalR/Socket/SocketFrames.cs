using System.Buffers;
using System.Text.Json;
using PresenceTracker.SignalR.Feeds;
using PresenceTracker.SignalR.Phoenix;

namespace PresenceTracker.SignalR.Socket;

/// <summary>Frames to clients. Thread-safe.</summary>
internal static class SocketFrames
{
    public static ReadOnlyMemory<byte> Ok(SocketVersion version, SocketFrame request, Action<Utf8JsonWriter>? writeMembers = null) =>
        Reply(version, request, "ok", writeMembers);

    public static ReadOnlyMemory<byte> Error(SocketVersion version, SocketFrame request, string reason) =>
        Reply(version, request, "error", json => json.WriteString("reason", reason));

    /// <summary>The server's last word about a join.</summary>
    public static ReadOnlyMemory<byte> Closed(SocketVersion version, string? joinRef, string topic) =>
        Encode(version, joinRef, joinRef, topic, "phx_close", json =>
        {
            json.WriteStartObject();
            json.WriteEndObject();
        });

    /// <param name="joinRef">Null if it is of no join in particular.</param>
    public static byte[] Push(SocketVersion version, string? joinRef, FeedMessage message) =>
        Encode(version, joinRef, null, message.Topic!, message.Name, json => json.WriteRawValue(message.Payload.Utf8, skipInputValidation: true));

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
