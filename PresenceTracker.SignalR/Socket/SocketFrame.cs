using System.Text.Json;
using System.Text.Unicode;

namespace PresenceTracker.SignalR.Socket;

/// <summary>A frame from a client.</summary>
/// <param name="JoinRef">The ref of the join that the frame belongs to; null is taken as the present one.</param>
/// <param name="Ref">Names the reply; null wants none.</param>
internal readonly record struct SocketFrame(string? JoinRef, string? Ref, string Topic, string Event, JsonElement Payload)
{
    // A meta has 32 levels, and stands up to three levels deep.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 35, AllowDuplicateProperties = false };

    /// <returns>Null if it is not a frame of this version.</returns>
    public static SocketFrame? Parse(ReadOnlySpan<byte> utf8, SocketVersion version)
    {
        // The parser takes such text as it comes, and cannot read it later.
        if (!Utf8.IsValid(utf8))
        {
            return null;
        }

        try
        {
            var json = JsonElement.Parse(utf8, Options);
            return version == SocketVersion.V2 ? FromArray(json) : FromObject(json);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped.
            return null;
        }
    }

    // What follows the payload is left alone, as Phoenix does.
    private static SocketFrame? FromArray(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array && json.GetArrayLength() >= 5
            ? From(json[0], json[1], json[2], json[3], json[4])
            : null;

    private static SocketFrame? FromObject(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty("topic", out var topic)
        && json.TryGetProperty("event", out var name)
        && json.TryGetProperty("payload", out var payload)
            ? From(Optional(json, "join_ref"), Optional(json, "ref"), topic, name, payload)
            : null;

    private static JsonElement Optional(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value : default;

    private static SocketFrame? From(JsonElement joinRef, JsonElement @ref, JsonElement topic, JsonElement name, JsonElement payload) =>
        IsTextOrNull(joinRef) && IsTextOrNull(@ref) && topic.ValueKind == JsonValueKind.String && name.ValueKind == JsonValueKind.String
            ? new SocketFrame(TextOf(joinRef), TextOf(@ref), topic.GetString()!, name.GetString()!, payload)
            : null;

    private static bool IsTextOrNull(JsonElement json) => json.ValueKind is JsonValueKind.String or JsonValueKind.Null or JsonValueKind.Undefined;

    private static string? TextOf(JsonElement json) => json.ValueKind == JsonValueKind.String ? json.GetString() : null;
}
