using System.Runtime.InteropServices;
using System.Text.Json;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Access;

namespace PresenceTracker.SignalR.Socket;

/// <summary>What a client asks for when it joins a topic.</summary>
/// <param name="Key">Under which it is to be present, now or when it says so; null if it only watches.</param>
/// <param name="Meta">Null if it tracks nothing yet.</param>
internal sealed record SocketJoin(string? Key, Meta? Meta)
{
    /// <summary>Topics on which clients of Supabase Realtime speak its dialect.</summary>
    public const string RealtimePrefix = "realtime:";

    /// <param name="userId">Who has signed in; null if nobody has.</param>
    /// <exception cref="PresenceRefusedException">Nobody may join so.</exception>
    /// <exception cref="InvalidMetaException">The meta is none.</exception>
    public static SocketJoin Of(string topic, JsonElement payload, string? userId) =>
        topic.StartsWith(RealtimePrefix, StringComparison.Ordinal) ? OfRealtime(payload, userId) : OfPhoenix(payload);

    /// <summary>The member of a payload as a meta; an empty one if there is none.</summary>
    /// <exception cref="InvalidMetaException">It is no JSON object that can be a meta.</exception>
    public static Meta MetaIn(JsonElement payload, string member) =>
        Member(payload, member) is { ValueKind: not JsonValueKind.Null } meta ? Metas.Parse(JsonMarshal.GetRawUtf8Value(meta)) : Meta.Empty;

    /// <returns>Null if the payload has no such text.</returns>
    public static string? TextIn(JsonElement payload, string member) =>
        Member(payload, member) is { ValueKind: JsonValueKind.String } text ? Readable(text) : null;

    private static SocketJoin OfPhoenix(JsonElement payload)
    {
        if (Member(payload, "key") is not { ValueKind: not JsonValueKind.Null } key)
        {
            return new SocketJoin(null, null);
        }

        return key.ValueKind == JsonValueKind.String
            ? new SocketJoin(Readable(key), MetaIn(payload, "meta"))
            : throw new PresenceRefusedException("the key is no text");
    }

    // It is tracked when it says so. Who names no key is given one.
    private static SocketJoin OfRealtime(JsonElement payload, string? userId)
    {
        var key = Member(payload, "config") is { } config && Member(config, "presence") is { } presence ? TextIn(presence, "key") : null;
        return new SocketJoin(key is { Length: > 0 } ? key : userId ?? Guid.NewGuid().ToString(), null);
    }

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    private static string Readable(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new PresenceRefusedException("half of a surrogate pair stands alone");
        }
    }
}
