using System.Text.Json;

namespace Replay;

/// <summary>
/// The replay's presences in one room, folded from <c>presence_state</c> and <c>presence_diff</c>: for each user the refs. Others who are in
/// the room too are passed over.
/// </summary>
internal sealed class RoomState
{
    public static readonly object Meta = new { device = "irc" };

    private readonly SortedDictionary<string, SortedSet<string>> _users = new(StringComparer.Ordinal);

    public IEnumerable<string> Users => _users.Keys;

    /// <summary>Users who are listed more than once: each is only here once, on one node.</summary>
    public IEnumerable<string> Doubles => _users.Where(user => user.Value.Count > 1).Select(user => user.Key);

    public static RoomState Of(JsonElement presenceState)
    {
        var state = new RoomState();
        foreach (var (user, @ref) in Refs(presenceState))
        {
            state.Join(user, @ref);
        }

        return state;
    }

    /// <summary>Joins first, then leaves.</summary>
    /// <returns>What is wrong with it: who joined was there, or who left was not; null if nothing is.</returns>
    public string? Apply(JsonElement presenceDiff)
    {
        string? fault = null;
        foreach (var (user, @ref) in Refs(presenceDiff.GetProperty("joins")))
        {
            fault = Join(user, @ref) ? fault : $"told twice that {user} joined ({@ref})";
        }

        foreach (var (user, @ref) in Refs(presenceDiff.GetProperty("leaves")))
        {
            fault = Leave(user, @ref) ? fault : $"told that {user} left, who was not there ({@ref})";
        }

        return fault;
    }

    public bool IsEqualTo(RoomState other) =>
        _users.Count == other._users.Count
        && _users.All(user => other._users.TryGetValue(user.Key, out var refs) && refs.SetEquals(user.Value));

    private static IEnumerable<(string User, string Ref)> Refs(JsonElement users) =>
        from user in users.EnumerateObject()
        from meta in user.Value.GetProperty("metas").EnumerateArray()
        where meta.TryGetProperty("device", out var device) && device.ValueEquals("irc")
        select (user.Name, meta.GetProperty("phx_ref").GetString()!);

    private bool Join(string user, string @ref)
    {
        if (!_users.TryGetValue(user, out var refs))
        {
            _users[user] = refs = new SortedSet<string>(StringComparer.Ordinal);
        }

        return refs.Add(@ref);
    }

    private bool Leave(string user, string @ref)
    {
        var wasThere = _users.TryGetValue(user, out var refs) && refs.Remove(@ref);
        if (refs is { Count: 0 })
        {
            _users.Remove(user);
        }

        return wasThere;
    }
}
