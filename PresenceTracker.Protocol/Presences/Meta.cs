using System.Buffers;
using System.Text;
using System.Text.Json;

namespace PresenceTracker.Protocol.Presences;

/// <summary>A small JSON object about one of a user's connections, kept as the UTF-8 text it came as. Immutable and thread-safe.</summary>
public sealed class Meta
{
    // Deep enough for any sensible meta, shallow enough that a hostile one cannot exhaust the stack.
    private const int DepthMax = 32;

    private const int ReasonCharactersMax = 300;

    // Far more than any number type holds.
    private const int ExponentCharactersMax = 5;

    // The wire of Phoenix adds them.
    private static readonly string[] Reserved = ["phx_ref", "phx_ref_prev"];

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = DepthMax, AllowDuplicateProperties = false };

    private readonly byte[] _utf8;

    private Meta(byte[] utf8) => _utf8 = utf8;

    /// <summary>What can be a meta, in words.</summary>
    public static string Allowed { get; } =
        $"a JSON object of at most {DepthMax} levels without duplicate members, {string.Join(" or ", Reserved)}";

    /// <summary>The empty object, for presences that need no meta.</summary>
    public static Meta Empty { get; } = new("{}"u8.ToArray());

    /// <summary>The JSON text.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8;

    /// <summary>
    /// Takes any JSON object without duplicate members and without the members <c>phx_ref</c> and <c>phx_ref_prev</c>, which the wire
    /// adds. The size limit is an option of the tracker and not checked here.
    /// </summary>
    /// <returns>Null and an <paramref name="error"/> that says what is wrong, or the meta.</returns>
    public static Meta? TryParse(ReadOnlySpan<byte> utf8, out string? error)
    {
        try
        {
            error = TokenFaultOf(utf8);
            if (error is not null)
            {
                return null;
            }

            var bytes = utf8.ToArray();
            using var document = JsonDocument.Parse(bytes, DocumentOptions);
            error = FaultOf(document.RootElement);
            return error is null ? new Meta(bytes) : null;
        }
        catch (JsonException malformed)
        {
            error = $"not JSON without duplicate members of at most {DepthMax} levels: {ReasonOf(malformed)}";
            return null;
        }
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out string?)"/>
    public static Meta? TryParse(string json, out string? error)
    {
        try
        {
            return TryParse(StrictUtf8.GetBytes(json), out error);
        }
        catch (EncoderFallbackException)
        {
            error = "half of a surrogate pair stands alone";
            return null;
        }
    }

    /// <summary>Whether both are the same JSON value: the order of members and the spelling of numbers do not matter.</summary>
    public bool StructurallyEquals(Meta other)
    {
        if (ReferenceEquals(this, other) || _utf8.AsSpan().SequenceEqual(other._utf8))
        {
            return true;
        }

        using var mine = JsonDocument.Parse(_utf8, DocumentOptions);
        using var theirs = JsonDocument.Parse(other._utf8, DocumentOptions);
        return JsonElement.DeepEquals(mine.RootElement, theirs.RootElement);
    }

    /// <summary>Reads the meta as <typeparamref name="T"/>.</summary>
    /// <exception cref="JsonException">The JSON does not fit the type.</exception>
    public T? As<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(_utf8, options ?? JsonSerializerOptions.Web);

    public override string ToString() => Encoding.UTF8.GetString(_utf8);

    // The parser repeats a word that it does not know, however long.
    private static string ReasonOf(JsonException malformed) => malformed.Message.Length <= ReasonCharactersMax
        ? malformed.Message
        : $"at byte {malformed.BytePositionInLine} of line {malformed.LineNumber}, from 0";

    // The parser takes these as they come, and every later comparison or reading of the value throws.
    private static string? TokenFaultOf(ReadOnlySpan<byte> utf8)
    {
        if (!System.Text.Unicode.Utf8.IsValid(utf8))
        {
            return "not valid UTF-8";
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax });
        while (reader.Read())
        {
            if (reader.ValueIsEscaped && !IsText(in reader))
            {
                return "half of a surrogate pair stands alone, escaped";
            }

            if (reader.TokenType == JsonTokenType.Number
                && reader.ValueSpan.IndexOfAny("eE"u8) is >= 0 and var e
                && reader.ValueSpan.Length - e - 1 > ExponentCharactersMax)
            {
                return $"the exponent of a number is longer than {ExponentCharactersMax} characters";
            }
        }

        return null;
    }

    private static bool IsText(in Utf8JsonReader reader)
    {
        // Into a buffer of the pool: the text itself is not wanted.
        var text = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            reader.CopyString(text);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private static string? FaultOf(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return $"a meta is a JSON object, not {root.ValueKind}";
        }

        foreach (var reserved in Reserved)
        {
            if (root.TryGetProperty(reserved, out _))
            {
                return $"the member {reserved} is reserved";
            }
        }

        return null;
    }
}
