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
        From(value, options ?? JsonSerializerOptions.Web, nameof(value));

    /// <summary>Takes JSON text as a meta.</summary>
    /// <exception cref="InvalidMetaException">The text is not a JSON object that can be a meta.</exception>
    public static Meta Parse(string json) =>
        Meta.TryParse(json, out var fault) ?? throw new InvalidMetaException(Excerpt.Of(json), fault!, nameof(json));

    /// <inheritdoc cref="Parse(string)"/>
    public static Meta Parse(ReadOnlySpan<byte> utf8) => Parse(utf8, nameof(utf8));

    /// <param name="parameter">Which parameter of the caller's call took the value.</param>
    internal static Meta From<TMeta>(TMeta value, string parameter) => From(value, JsonSerializerOptions.Web, parameter);

    private static Meta From<TMeta>(TMeta value, JsonSerializerOptions options, string parameter) =>
        value as Meta ?? Parse(Serialize(value, options, parameter), parameter);

    private static Meta Parse(ReadOnlySpan<byte> utf8, string parameter) =>
        Meta.TryParse(utf8, out var fault) ?? throw new InvalidMetaException(Excerpt.Of(utf8), fault!, parameter);

    private static byte[] Serialize<TMeta>(TMeta value, JsonSerializerOptions options, string parameter)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(value, options);
        }
        catch (Exception unserializable) when (unserializable is JsonException or NotSupportedException or ArgumentException)
        {
            throw new InvalidMetaException(Excerpt.Of($"a value of {value?.GetType() ?? typeof(TMeta)}"), unserializable.Message, parameter);
        }
    }
}
