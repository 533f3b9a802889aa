using System.Text.Json;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker;

/// <summary>Makes metas from what callers have.</summary>
public static class Metas
{
    /// <summary>Serializes a value to a meta, with the web defaults of System.Text.Json.</summary>
    /// <exception cref="InvalidMetaException">The value does not serialize to a JSON object that can be a meta.</exception>
    public static Meta From<TMeta>(TMeta value, JsonSerializerOptions? options = null) =>
        value as Meta ?? Check(Meta.TryParse(Serialize(value, options ?? JsonSerializerOptions.Web), out var error), error);

    /// <summary>Takes JSON text as a meta.</summary>
    /// <exception cref="InvalidMetaException">The text is not a JSON object that can be a meta.</exception>
    public static Meta Parse(string json) => Check(Meta.TryParse(json, out var error), error);

    /// <inheritdoc cref="Parse(string)"/>
    public static Meta Parse(ReadOnlySpan<byte> utf8) => Check(Meta.TryParse(utf8, out var error), error);

    private static byte[] Serialize<TMeta>(TMeta value, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(value, options);
        }
        catch (Exception unserializable) when (unserializable is JsonException or NotSupportedException or ArgumentException)
        {
            throw new InvalidMetaException(unserializable.Message);
        }
    }

    private static Meta Check(Meta? meta, string? error) => meta ?? throw new InvalidMetaException(error!);
}
