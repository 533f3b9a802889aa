using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// Which entries of a replica are in the readable state. A walk shows or hides them in slices; everything up to one dot is shown, so that a
/// reversal turns round where it stands.
/// </summary>
internal sealed class Visibility(bool isShown)
{
    // Updates, in the middle of a walk, of entries that are shown already: their new dots lie above the walk's position.
    private readonly SortedSet<ulong> _shownAbove = [];

    /// <summary>Every entry with a dot up to here is shown; the highest number when all are, and all that will come.</summary>
    public ulong ShownThrough { get; private set; } = isShown ? ulong.MaxValue : 0;

    public WalkDirection Walk { get; private set; } = WalkDirection.None;

    /// <summary>Why the entries leave that the walk hides.</summary>
    public LeaveReason Reason { get; private set; }

    /// <summary>Whether the replica is dropped once everything is hidden.</summary>
    public bool IsPurge { get; private set; }

    /// <summary>The replica is shown once its context is here: a node that returns must not flash its old state first.</summary>
    public ulong? ShowAt { get; set; }

    /// <summary>The replica that is still shown in this one's stead until this one is complete; it may be gone by now.</summary>
    public ReplicaId? Replaces { get; set; }

    /// <summary>The context at which this replica takes the place of the one that it replaces; null while that is not known.</summary>
    public ulong? CompleteAt { get; set; }

    public bool IsShown(ulong dot) => dot <= ShownThrough || (_shownAbove.Count > 0 && _shownAbove.Contains(dot));

    /// <summary>An entry that is shown got a new dot by an update, and stays shown.</summary>
    public void KeepShown(ulong dot)
    {
        if (dot > ShownThrough)
        {
            _shownAbove.Add(dot);
        }
    }

    /// <summary>The entry with this dot is gone.</summary>
    public void Forget(ulong dot) => _shownAbove.Remove(dot);

    /// <summary>The node is back: the walk that hides it stops where it stands, until the replica may be shown.</summary>
    public void Return()
    {
        IsPurge = false;
        if (Walk == WalkDirection.Hiding)
        {
            Walk = WalkDirection.None;
        }
    }

    public void StartShowing()
    {
        ShowAt = null;
        IsPurge = false;
        Walk = ShownThrough == ulong.MaxValue ? WalkDirection.None : WalkDirection.Showing;
    }

    public void StartHiding(LeaveReason reason, bool isPurge, ulong highestDot)
    {
        ShowAt = null;
        Reason = reason;
        IsPurge |= isPurge;
        ShownThrough = Math.Min(ShownThrough, highestDot);
        Walk = WalkDirection.Hiding;
    }

    public void ShowAll()
    {
        ShownThrough = ulong.MaxValue;
        _shownAbove.Clear();
        Walk = WalkDirection.None;
        ShowAt = null;
    }

    public void MoveTo(ulong shownThrough) => ShownThrough = shownThrough;

    public void FinishHiding()
    {
        ShownThrough = 0;
        Walk = WalkDirection.None;
    }

    public ulong? TakeHighestShownAbove()
    {
        if (_shownAbove.Count == 0)
        {
            return null;
        }

        var highest = _shownAbove.Max;
        _shownAbove.Remove(highest);
        return highest;
    }
}
