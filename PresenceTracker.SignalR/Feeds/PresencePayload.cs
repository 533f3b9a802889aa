using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Phoenix;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Feeds;

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

    /// <param name="fields">By key, what stands beside its metas.</param>
    public static PresencePayload State(TopicView view, IReadOnlyDictionary<string, Meta> fields) =>
        new(json => PhoenixJson.WriteState(json, view, fields: fields));

    /// <inheritdoc cref="State"/>
    public static PresencePayload Diff(PhoenixDiff diff, IReadOnlyDictionary<string, Meta> fields) =>
        new(json => PhoenixJson.WriteDiff(json, diff, fields: fields));

    /// <summary><c>{"keys": number, "metas": number}</c>.</summary>
    public static PresencePayload Count(TopicCount count) => new(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("keys", count.Keys);
        json.WriteNumber("metas", count.Metas);
        json.WriteEndObject();
    });

    /// <summary>A list of keys.</summary>
    public static PresencePayload Keys(IEnumerable<string> keys) => new(json => WriteKeys(json, keys));

    /// <summary><c>{"online": keys, "offline": keys}</c>, both always present.</summary>
    public static PresencePayload Keys(KeyDiff diff) => new(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("online");
        WriteKeys(json, diff.CameOnline);
        json.WritePropertyName("offline");
        WriteKeys(json, diff.WentOffline);
        json.WriteEndObject();
    });

    private static void WriteKeys(Utf8JsonWriter json, IEnumerable<string> keys)
    {
        json.WriteStartArray();
        foreach (var key in keys)
        {
            json.WriteStringValue(key);
        }

        json.WriteEndArray();
    }
}
