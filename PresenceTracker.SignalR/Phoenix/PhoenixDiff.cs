using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Phoenix;

/// <summary>
/// A diff as Phoenix clients apply it: all joins first, then all leaves, each presence told by its ref. What came and went within the diff is
/// in neither; a presence that went and came back with the same ref was never gone.
/// </summary>
internal sealed class PhoenixDiff
{
    private readonly Dictionary<(string Key, string Ref), PhoenixJoin> _joins = [];
    private readonly Dictionary<(string Key, string Ref), Presence> _leaves = [];

    public PhoenixDiff(TopicDiff diff)
        : this(diff.Events)
    {
    }

    /// <param name="changes">Of one topic, in order.</param>
    public PhoenixDiff(IEnumerable<PresenceEvent> changes)
    {
        foreach (var change in changes)
        {
            switch (change.Kind)
            {
                case PresenceEventKind.Joined:
                    Join(change.Presence, previousRef: null);
                    break;
                case PresenceEventKind.Left:
                    Leave(change.Presence);
                    break;
                default:
                    Join(change.Presence, Leave(change.Previous!));
                    break;
            }
        }
    }

    public bool IsEmpty => _joins.Count == 0 && _leaves.Count == 0;

    public IEnumerable<IGrouping<string, PhoenixJoin>> Joins => _joins.Values.GroupBy(join => join.Presence.Key, StringComparer.Ordinal);

    public IEnumerable<IGrouping<string, Presence>> Leaves => _leaves.Values.GroupBy(presence => presence.Key, StringComparer.Ordinal);

    private void Join(Presence presence, string? previousRef)
    {
        var id = (presence.Key, presence.Ref);
        if (!_leaves.Remove(id))
        {
            _joins[id] = new PhoenixJoin(presence, previousRef);
        }
    }

    /// <returns>The latest ref of the presence that readers of the diff have seen; null if they have seen none.</returns>
    private string? Leave(Presence presence)
    {
        var id = (presence.Key, presence.Ref);
        if (_joins.Remove(id, out var join))
        {
            return join.PreviousRef;
        }

        _leaves[id] = presence;
        return presence.Ref;
    }
}
