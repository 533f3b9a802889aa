using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>
/// Folds the diffs of one topic as a reader would, from nothing but the events, and compares the outcome with the list at each step.
/// </summary>
internal sealed class TopicFold
{
    // A whole comparison costs the size of the topic; the counts are compared at every step.
    private const int StepsBetweenComparisons = 64;
    private const int SmallTopic = 64;
    private const int FaultsMax = 20;

    private readonly string _topic;
    private readonly Dictionary<Mark, int> _folded = [];
    private readonly List<string> _faults = [];
    private TopicView _view;

    public TopicFold(TopicView snapshot)
    {
        _topic = snapshot.Topic;
        _view = snapshot;
        foreach (var presence in snapshot)
        {
            Add(presence, "snapshot");
        }
    }

    public IReadOnlyList<string> Faults => _faults;

    public int Presences { get; private set; }

    public int Diffs { get; private set; }

    public int Events { get; private set; }

    public void Apply(TopicDiff diff)
    {
        Diffs++;
        if (diff.After.Version <= _view.Version)
        {
            Fault($"the diff to version {diff.After.Version} follows that to {_view.Version}");
        }

        foreach (var change in diff.Events)
        {
            Events++;
            if (change.Kind != PresenceEventKind.Joined)
            {
                Remove(change.Previous ?? change.Presence, $"{change.Kind}");
            }

            if (change.Kind != PresenceEventKind.Left)
            {
                Add(change.Presence, $"{change.Kind}");
            }
        }

        _view = diff.After;
        if (_view.MetaCount != Presences)
        {
            Fault($"the fold has {Presences} presences where version {_view.Version} has {_view.MetaCount}");
        }
        else if ((_view.MetaCount <= SmallTopic || Diffs % StepsBetweenComparisons == 0) && DifferenceFrom(_view) is { } difference)
        {
            Fault($"at version {_view.Version}: {difference}");
        }
    }

    /// <returns>Null if the fold is what the view lists.</returns>
    public string? DifferenceFrom(TopicView view)
    {
        var listed = view.CountBy(presence => new Mark(presence)).ToDictionary();
        var missing = listed
            .Where(pair => _folded.GetValueOrDefault(pair.Key) != pair.Value)
            .Select(pair => $"{pair.Key} is listed {pair.Value}x")
            .ToList();
        var surplus = _folded.Where(pair => !listed.ContainsKey(pair.Key)).Select(pair => $"{pair.Key} is only folded").ToList();
        return missing.Count + surplus.Count == 0
            ? null
            : $"{_topic}: {missing.Count} differ, {surplus.Count} are only folded: {string.Join("; ", missing.Concat(surplus).Take(5))}";
    }

    private void Add(Presence presence, string why)
    {
        var mark = new Mark(presence);
        _folded[mark] = _folded.GetValueOrDefault(mark) + 1;
        Presences++;
        if (_folded[mark] > 1)
        {
            Fault($"{why} of {mark}, which is there already");
        }
    }

    private void Remove(Presence presence, string why)
    {
        var mark = new Mark(presence);
        if (!_folded.TryGetValue(mark, out var count))
        {
            Fault($"{why} of {mark}, which is not there");
            return;
        }

        Presences--;
        if (count == 1)
        {
            _folded.Remove(mark);
        }
        else
        {
            _folded[mark] = count - 1;
        }
    }

    private void Fault(string fault)
    {
        if (_faults.Count < FaultsMax)
        {
            _faults.Add($"{_topic}, diff {Diffs}: {fault}");
        }
    }

    /// <summary>What a reader sees of a presence; not its dot, which a new epoch changes without an event.</summary>
    private readonly record struct Mark(string Key, string Owner, string Ref, string Meta)
    {
        public Mark(Presence presence)
            : this(presence.Key, presence.Owner, presence.Ref, presence.Meta.ToString())
        {
        }
    }
}
