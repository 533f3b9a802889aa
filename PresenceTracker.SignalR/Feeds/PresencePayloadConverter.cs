using System.Text.Json;
using System.Text.Json.Serialization;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>Writes the text as it is; the hub receives none.</summary>
internal sealed class PresencePayloadConverter : JsonConverter<PresencePayload>
{
    public override PresencePayload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("payloads are only sent");

    public override void Write(Utf8JsonWriter writer, PresencePayload value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8, skipInputValidation: true);
}
