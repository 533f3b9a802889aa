using System.Diagnostics.CodeAnalysis;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Reading;

namespace PresenceTracker.Actors;

/// <summary>
/// How a shard begins an epoch after a crash. Until it has its local presences again, knows the nodes and has caught up with what readers saw
/// of them, readers keep what the epoch before had published, and commands wait: they would not find what was there before them.
/// </summary>
internal sealed class ShardRebuild(PresenceSet set, ShardView view, ReaderPublication publication)
{
    private readonly SortedDictionary<ReplicaId, ulong> _targets = [];
    private readonly Queue<ShardCommand> _waiting = [];
    private bool _isIntroduced;
    private bool _isReplayed;

    /// <summary>Whether commands need not wait.</summary>
    public bool IsOver { get; private set; } = true;

    /// <summary>Whether this epoch has all that the one before had published.</summary>
    public bool IsComplete => !IsOver && _isIntroduced && _isReplayed && set.LiveReplicas.All(HasReachedTarget);

    /// <summary>What waits; lost if the epoch ends before the rebuild does.</summary>
    public IEnumerable<ShardCommand> Waiting => _waiting;

    public void Start()
    {
        IsOver = false;
        publication.HoldBack();
        foreach (var (replica, context) in view.Contexts)
        {
            _targets[replica] = context;
            view.ForgetContext(replica);
        }
    }

    /// <summary>The shard has been told of every node that is up.</summary>
    public void Introduced() => _isIntroduced = true;

    /// <summary>The shard has all local presences.</summary>
    public void Replayed() => _isReplayed = true;

    public void Wait(ShardCommand command) => _waiting.Enqueue(command);

    /// <summary>Takes out the next command that need not wait any more.</summary>
    public bool TryTake([NotNullWhen(true)] out ShardCommand? command)
    {
        command = null;
        return IsOver && _waiting.TryDequeue(out command);
    }

    /// <summary>Publishes what there is, in the place of what the epoch before had published; nothing if that was done already.</summary>
    public void Finish()
    {
        if (IsOver)
        {
            return;
        }

        IsOver = true;
        _targets.Clear();
        publication.Release();
    }

    private bool HasReachedTarget(ReplicaId replica) =>
        !_targets.TryGetValue(replica, out var target) || set.PositionOf(replica)?.Context >= target;
}
