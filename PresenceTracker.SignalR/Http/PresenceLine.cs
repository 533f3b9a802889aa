using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Owners;

namespace PresenceTracker.SignalR.Http;

/// <summary>One line of a bulk request.</summary>
internal sealed record PresenceLine(string Topic, string Key, JsonObject? Meta)
{
    private const int ErrorCharactersMax = 300;

    // A meta may have 32 levels, and stands one level deep.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 33, AllowDuplicateProperties = false };

    public static bool IsBlank(JsonLine line) => !line.IsTooLong && line.Utf8.Span.Trim(" \t\r"u8).IsEmpty;

    /// <summary>The line as a request within every limit, or what is wrong with it.</summary>
    public static bool TryParse(
        JsonLine line, Owner owner, PresenceSettings settings, [NotNullWhen(true)] out TrackRequest? request, [NotNullWhen(false)] out string? error)
    {
        request = null;
        error = null;
        if (line.IsTooLong)
        {
            error = $"the line is longer than {BulkEndpoint.LineBytesMax} bytes";
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(line.Utf8, Options);
            request = From(document.RootElement, owner, settings);
        }
        catch (JsonException malformed)
        {
            // The parser repeats a word that it does not know, however long.
            error = malformed.Message.Length <= ErrorCharactersMax
                ? $"not JSON: {malformed.Message}"
                : $"not JSON, from byte {malformed.BytePositionInLine} on";
        }
        catch (FormatException malformed)
        {
            error = malformed.Message;
        }
        catch (InvalidOperationException malformed)
        {
            // What the parser takes as it comes, and cannot read as text: half of a surrogate pair.
            error = $"not JSON: {malformed.Message}";
        }
        catch (PresenceException refused)
        {
            error = refused.Message;
        }

        return request is not null;
    }

    private static TrackRequest From(JsonElement line, Owner owner, PresenceSettings settings)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("a line is a JSON object with topic, key and meta");
        }

        string? topic = null, key = null;
        var meta = Protocol.Presences.Meta.Empty;
        foreach (var member in line.EnumerateObject())
        {
            switch (member.Name)
            {
                case "topic" when member.Value.ValueKind == JsonValueKind.String:
                    topic = member.Value.GetString();
                    break;
                case "key" when member.Value.ValueKind == JsonValueKind.String:
                    key = member.Value.GetString();
                    break;
                case "meta":
                    meta = Metas.Parse(JsonMarshal.GetRawUtf8Value(member.Value));
                    break;
                default:
                    throw new FormatException(member.Name.Length <= ErrorCharactersMax
                        ? $"the member {member.Name} is unknown or no text"
                        : "a member is unknown");
            }
        }

        // The tracker would refuse the whole batch for it.
        settings.CheckTopic(topic ?? throw new FormatException("the member topic is missing"));
        settings.CheckKey(key ?? throw new FormatException("the member key is missing"));
        settings.CheckMeta(meta);
        return new TrackRequest(topic, key, owner, meta);
    }
}
