namespace PresenceTracker.Tests.Data;

/// <summary>What the trace folds to, by the plainest means: a set of users for each room.</summary>
internal sealed class RoomsFold
{
    private readonly Dictionary<string, SortedSet<string>> _users = new(StringComparer.Ordinal);

    /// <summary>In ordinal order.</summary>
    public IEnumerable<string> UsersOf(string room) => Of(room);

    public void Apply(RoomEvent e)
    {
        var users = Of(e.Room);
        if (e.Left is not null)
        {
            users.Remove(e.Left);
        }

        if (e.Joined is not null)
        {
            users.Add(e.Joined);
        }
    }

    private SortedSet<string> Of(string room)
    {
        if (!_users.TryGetValue(room, out var users))
        {
            _users[room] = users = new SortedSet<string>(StringComparer.Ordinal);
        }

        return users;
    }
}
