using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>A subscriber of every topic of one node: folds the diffs, and believes nothing that the histories do not bear out.</summary>
internal sealed class LawReader(PresenceSet set, Func<ReplicaId, ReplicaHistory> historyOf)
{
    private readonly SortedDictionary<string, TopicView> _views = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Dictionary<(string Ref, string Address), Presence>> _folded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableSortedSet<string>> _topicsOfKeys = new(StringComparer.Ordinal);
    private readonly Dictionary<(ReplicaId Replica, PresenceId Id), ulong> _endedDots = [];
    private readonly HashSet<ReplicaId> _superseded = [];
    private readonly HashSet<ReplicaId> _forgotten = [];
    private ulong _version = ulong.MaxValue;

    public int EventCount { get; private set; }

    public IEnumerable<Presence> Listed => _views.Values.SelectMany(view => view);

    public IEnumerable<Presence> ListedOf(NodeId node) => Listed.Where(presence => presence.Node == node);

    /// <summary>The list as text, by which two nodes are compared.</summary>
    public string Text => string.Join(", ", Listed.Select(TextOf).Order(StringComparer.Ordinal));

    public static string TextOf(Presence presence) =>
        $"{presence.Topic}/{presence.Key}/{presence.Owner}@{presence.Node.Address}:{presence.Ref}{presence.Meta}";

    /// <summary>From now on no presence of the replica may join any more.</summary>
    public void Supersede(ReplicaId replica) => _superseded.Add(replica);

    /// <summary>The replica was purged: whatever comes of it later is new.</summary>
    public void Forget(ReplicaId replica)
    {
        _forgotten.Add(replica);
        foreach (var key in _endedDots.Keys.Where(key => key.Replica == replica).ToList())
        {
            _endedDots.Remove(key);
        }
    }

    public void Read(Turn turn)
    {
        Assert.True(_version == ulong.MaxValue || turn.Version == _version + (turn.IsEmpty ? 0UL : 1UL), "versions count the turns");
        _version = turn.Version;
        foreach (var diff in turn.Diffs)
        {
            Fold(diff);
        }

        foreach (var (key, topics) in turn.Keys)
        {
            _topicsOfKeys[key] = topics;
        }

        foreach (var (key, topics) in _topicsOfKeys)
        {
            var isTrue = _views.Values.Where(view => view.Contains(key)).Select(view => view.Topic).SequenceEqual(topics);
            Assert.True(isTrue, "the topics of a key are those that list it");
        }
    }

    private void Fold(TopicDiff diff)
    {
        var before = _views.GetValueOrDefault(diff.Topic, TopicView.Empty(diff.Topic));
        Assert.True(ReferenceEquals(before, diff.Before) || (before.MetaCount == 0 && diff.Before.MetaCount == 0), "diffs follow on");
        Assert.True(diff.After.Version > diff.Before.Version, "a later view has a higher version");
        if (!_folded.TryGetValue(diff.Topic, out var folded))
        {
            _folded[diff.Topic] = folded = [];
        }

        foreach (var change in diff.Events)
        {
            EventCount++;
            Fold(folded, change);
        }

        _views[diff.Topic] = diff.After;
        Assert.Equal(folded.Count, diff.After.Count());
        Assert.Equal(folded.Count, diff.After.MetaCount);
        Assert.Equal(folded.Values.Select(presence => presence.Key).Distinct().Count(), diff.After.KeyCount);
        foreach (var presence in diff.After)
        {
            var isFolded = folded.TryGetValue((presence.Ref, presence.Node.Address), out var known) && known.ReadsLike(presence);
            Assert.True(isFolded, "the folded diffs are not the list");
        }
    }

    private void Fold(Dictionary<(string Ref, string Address), Presence> folded, PresenceEvent change)
    {
        if (change.Kind == PresenceEventKind.Joined)
        {
            CheckJoin(change.Presence);
        }
        else if (change.Kind == PresenceEventKind.Updated)
        {
            CheckUpdate(change.Previous!, change.Presence);
        }
        else
        {
            CheckLeave(change.Presence, change.Reason);
        }

        if ((change.Kind == PresenceEventKind.Left ? change.Presence : change.Previous) is { } previous)
        {
            var isListed = folded.Remove((previous.Ref, previous.Node.Address), out var known) && known.ReadsLike(previous);
            Assert.True(isListed, "what changes or leaves is listed");
        }

        if (change.Kind != PresenceEventKind.Left)
        {
            var isNew = folded.TryAdd((change.Presence.Ref, change.Presence.Node.Address), change.Presence);
            Assert.True(isNew, "one ref is listed once");
        }
    }

    private void CheckJoin(Presence presence)
    {
        Assert.DoesNotContain(presence.Replica, _superseded);
        if (_endedDots.TryGetValue((presence.Replica, presence.Id), out var ended))
        {
            var isNew = historyOf(presence.Replica).WasEnded(presence.Id, ended, presence.Dot);
            Assert.True(isNew, "what joins again was ended between its leave and its join");
        }
    }

    private void CheckUpdate(Presence previous, Presence presence)
    {
        Assert.Equal(previous.Id, presence.Id);
        if (previous.Replica == presence.Replica && !_forgotten.Contains(presence.Replica))
        {
            Assert.True(previous.Dot < presence.Dot, "an update leads to a later dot");
        }
    }

    private void CheckLeave(Presence presence, LeaveReason reason)
    {
        // The end of a hold, or an old epoch whose place the new one took without this presence.
        var isOnlyHidden = reason is LeaveReason.NodeDown or LeaveReason.NodeLeft
            || (reason == LeaveReason.Replaced && presence.LeaveGrace > TimeSpan.Zero)
            || (reason == LeaveReason.Unobserved && set.PositionOf(presence.Replica) is null);
        if (!isOnlyHidden)
        {
            var isEnded = historyOf(presence.Replica).WasEnded(presence.Id, presence.Dot, ulong.MaxValue);
            Assert.True(isEnded, "what leaves was ended");
            _endedDots[(presence.Replica, presence.Id)] = presence.Dot;
        }
    }
}
