using System.Diagnostics.CodeAnalysis;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// How a shard begins an epoch after a crash. Until it has its own presences again, knows the nodes and has caught up with what readers saw
/// of them, readers keep what the epoch before had published, and writes wait: they would not find what was there before them.
/// </summary>
internal sealed class EpochRebuild(PresenceSet set, int operationsWaitingMax)
{
    private readonly SortedDictionary<ReplicaId, ulong> _targets = [];
    private readonly Queue<ReplicationInput.Write> _waiting = [];
    private int _operationsWaiting;
    private bool _isOver = true;

    /// <summary>Whether a write must wait, if only behind those that have waited longer.</summary>
    public bool MustWait => !_isOver || _waiting.Count > 0;

    /// <summary>The shard has been told of every node that is up.</summary>
    public bool IsIntroduced { get; set; }

    /// <summary>The shard has all own presences.</summary>
    public bool IsReplayed { get; set; }

    /// <summary>The time for it is over.</summary>
    public bool IsDue { get; set; }

    /// <summary>Whether this epoch has all that the one before had published, or readers shall wait no longer.</summary>
    public bool IsComplete => !_isOver && (IsDue || (IsIntroduced && IsReplayed && set.LiveReplicas.All(HasReachedTarget)));

    public void Start(PublishedState before)
    {
        _isOver = false;
        foreach (var (replica, context) in before.Contexts)
        {
            _targets[replica] = context;
        }
    }

    /// <summary>
    /// A node that is up, as it is now. If its shard has begun an epoch since readers saw it, they saw at least what that one was announced with.
    /// </summary>
    public void Introduce(NodeRecord node)
    {
        foreach (var epoch in node.Epochs)
        {
            if (!_isOver && epoch.Shard == set.Self.Shard)
            {
                var replica = node.ReplicaOf(epoch.Shard);
                _targets[replica] = Math.Max(_targets.GetValueOrDefault(replica), epoch.CompleteAt);
            }
        }
    }

    /// <returns>Whether it waits; if not, there is no room for what it asks.</returns>
    public bool TryWait(ReplicationInput.Write write)
    {
        if (write.MayBeRefused)
        {
            if (write.Operations.Length > operationsWaitingMax - _operationsWaiting)
            {
                return false;
            }

            _operationsWaiting += write.Operations.Length;
        }

        _waiting.Enqueue(write);
        return true;
    }

    public void Finish()
    {
        _isOver = true;
        _targets.Clear();
    }

    /// <summary>Takes out the next write that has waited.</summary>
    public bool TryTake([NotNullWhen(true)] out ReplicationInput.Write? write)
    {
        if (!_waiting.TryDequeue(out write))
        {
            return false;
        }

        _operationsWaiting -= write.MayBeRefused ? write.Operations.Length : 0;
        return true;
    }

    private bool HasReachedTarget(ReplicaId replica) =>
        !_targets.TryGetValue(replica, out var target) || set.HasAllSince(replica, target);
}
