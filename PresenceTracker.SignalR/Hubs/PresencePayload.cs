using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Phoenix;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>JSON text as an argument of a hub message.</summary>
[JsonConverter(typeof(PresencePayloadConverter))]
internal sealed class PresencePayload
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    private PresencePayload(Action<Utf8JsonWriter> write)
    {
        using var json = new Utf8JsonWriter(_buffer, PhoenixJson.WriterOptions);
        write(json);
    }

    public ReadOnlySpan<byte> Utf8 => _buffer.WrittenSpan;

    public static PresencePayload State(TopicView view) => new(json => PhoenixJson.WriteState(json, view));

    public static PresencePayload Diff(PhoenixDiff diff) => new(json => PhoenixJson.WriteDiff(json, diff));
}
