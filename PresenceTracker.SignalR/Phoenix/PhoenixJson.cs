using System.Text.Encodings.Web;
using System.Text.Json;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Phoenix;

/// <summary>
/// The JSON that Phoenix's presence clients read: <c>presence_state</c> and <c>presence_diff</c>. Written on one line. Thread-safe.
/// </summary>
internal static class PhoenixJson
{
    private const string MetasName = "metas";
    private const string RefName = "phx_ref";
    private const string PreviousRefName = "phx_ref_prev";
    private const string NodeName = "phx_node";

    /// <summary>For writers of this JSON: names in other scripts stay readable, and short.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Everybody in a topic: <c>{key: {"metas": [meta]}}</c>.</summary>
    /// <param name="withNodes">Whether each meta also names the node that tracks it, for people who watch a cluster.</param>
    /// <param name="fields">By key, what stands beside its metas.</param>
    public static void WriteState(
        Utf8JsonWriter json, TopicView view, bool withNodes = false, IReadOnlyDictionary<string, Meta>? fields = null)
    {
        json.WriteStartObject();
        foreach (var key in view.Keys)
        {
            WriteKey(json, key, fields, view.GetByKey(key), presence => WriteMeta(json, presence, previousRef: null, withNodes));
        }

        json.WriteEndObject();
    }

    /// <summary>What changed: <c>{"joins": state, "leaves": state}</c>, both always present.</summary>
    /// <inheritdoc cref="WriteState"/>
    public static void WriteDiff(
        Utf8JsonWriter json, PhoenixDiff diff, bool withNodes = false, IReadOnlyDictionary<string, Meta>? fields = null)
    {
        json.WriteStartObject();
        json.WriteStartObject("joins");
        foreach (var joins in diff.Joins)
        {
            WriteKey(json, joins.Key, fields, joins, join => WriteMeta(json, join.Presence, join.PreviousRef, withNodes));
        }

        json.WriteEndObject();
        json.WriteStartObject("leaves");
        foreach (var leaves in diff.Leaves)
        {
            WriteKey(json, leaves.Key, fields, leaves, presence => WriteMeta(json, presence, previousRef: null, withNodes));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteKey<T>(
        Utf8JsonWriter json, string key, IReadOnlyDictionary<string, Meta>? fields, IEnumerable<T> presences, Action<T> writeMeta)
    {
        json.WriteStartObject(key);
        json.WriteStartArray(MetasName);
        foreach (var presence in presences)
        {
            writeMeta(presence);
        }

        json.WriteEndArray();
        if (fields?.GetValueOrDefault(key) is { } beside)
        {
            using var members = JsonDocument.Parse(beside.Utf8);
            foreach (var member in members.RootElement.EnumerateObject().Where(member => !member.NameEquals(MetasName)))
            {
                member.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteMeta(Utf8JsonWriter json, Presence presence, string? previousRef, bool withNodes)
    {
        json.WriteStartObject();
        using (var meta = JsonDocument.Parse(presence.Meta.Utf8))
        {
            foreach (var member in meta.RootElement.EnumerateObject())
            {
                // A meta of a user's own may be called so too; the node's word is the one to be read.
                if (!withNodes || !member.NameEquals(NodeName))
                {
                    member.WriteTo(json);
                }
            }
        }

        json.WriteString(RefName, presence.Ref);
        if (previousRef is not null)
        {
            json.WriteString(PreviousRefName, previousRef);
        }

        if (withNodes)
        {
            json.WriteString(NodeName, presence.Node.Address);
        }

        json.WriteEndObject();
    }
}
