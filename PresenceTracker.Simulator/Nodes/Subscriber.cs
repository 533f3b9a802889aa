using PresenceTracker.Protocol.Presences;
using PresenceTracker.Simulator.Checkers;

namespace PresenceTracker.Simulator.Nodes;

/// <summary>A reader that has nothing but the snapshot it began with and the diffs since: it folds the events, and never looks at the list.</summary>
internal sealed class Subscriber(string topic)
{
    private readonly SortedDictionary<string, Presence> _byRef = new(StringComparer.Ordinal);

    public string Topic { get; } = topic;

    public bool HasBegun { get; private set; }

    /// <summary>Whether the shard crashed before it took the subscription.</summary>
    public bool HasFailed { get; private set; }

    public int FoldedCount => _byRef.Count;

    /// <summary>What the reader believes, by ref.</summary>
    public IEnumerable<Presence> Folded => _byRef.Values;

    /// <summary>Whether the reader believes just that. Another object may read the same after a crash of the shard.</summary>
    public bool Reads(Presence presence) =>
        _byRef.TryGetValue(presence.Ref, out var folded)
        && (ReferenceEquals(folded, presence) || (folded.Id == presence.Id && folded.Meta.Utf8.Span.SequenceEqual(presence.Meta.Utf8.Span)));

    public void Failed() => HasFailed = true;

    public void Begin(TopicView view)
    {
        HasBegun = true;
        foreach (var presence in view)
        {
            _byRef.Add(presence.Ref, presence);
        }
    }

    public void Take(TopicDiff diff)
    {
        foreach (var change in diff.Events)
        {
            var presence = change.Presence;
            switch (change.Kind)
            {
                case PresenceEventKind.Joined:
                    Require(!_byRef.ContainsKey(presence.Ref), $"{presence} joined, and was there");
                    _byRef.Add(presence.Ref, presence);
                    break;
                case PresenceEventKind.Left:
                    Require(_byRef.Remove(presence.Ref), $"{presence} left, and was not there");
                    break;
                default:
                    Require(_byRef.Remove(change.Previous!.Ref), $"{change.Previous} was updated, and was not there");
                    Require(!_byRef.ContainsKey(presence.Ref), $"{presence} came by an update, and was there");
                    _byRef.Add(presence.Ref, presence);
                    break;
            }
        }
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new CheckFailedException(nameof(Subscriber), "joins and leaves alternate", $"a subscriber of {Topic}: {what}");
        }
    }
}
