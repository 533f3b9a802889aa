using System.Text.Json;

namespace PresenceTracker.Tests.SignalR;

/// <summary>What the hub sent to a client.</summary>
/// <param name="Topic">Empty if it is of keys in all topics.</param>
/// <param name="Data">A state or a diff.</param>
internal sealed record HubMessage(string Name, string Topic, JsonElement Data)
{
    public const string State = "presence_state";
    public const string Diff = "presence_diff";
    public const string Count = "presence_count";
    public const string KeysState = "keys_state";
    public const string KeysDiff = "keys_diff";

    /// <summary>The keys of a state.</summary>
    public IEnumerable<string> Keys => Data.EnumerateObject().Select(user => user.Name);

    public IEnumerable<string> Joins => JoinedRefs.Select(joined => joined.Key);

    public IEnumerable<string> Leaves => LeftRefs.Select(left => left.Key);

    public IEnumerable<(string Key, string Ref)> JoinedRefs => Refs(Data.GetProperty("joins"));

    public IEnumerable<(string Key, string Ref)> LeftRefs => Refs(Data.GetProperty("leaves"));

    public static IEnumerable<(string Key, string Ref)> Refs(JsonElement users) =>
        from user in users.EnumerateObject()
        from meta in user.Value.GetProperty("metas").EnumerateArray()
        select (user.Name, meta.GetProperty("phx_ref").GetString()!);
}
