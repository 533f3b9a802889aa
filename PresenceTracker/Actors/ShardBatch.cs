using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Actors;

/// <summary>
/// What callers have asked of a shard and is carried out together, in one turn. Of a batch at which the shard crashes, only the command whose
/// operation it was fails; the others go to the next epoch.
/// </summary>
/// <param name="unanswered">What an epoch that crashed leaves to the next one.</param>
internal sealed class ShardBatch(List<ShardCommand> unanswered)
{
    // A batch is one turn; a longer one would keep everything else waiting, and save little.
    private const int OperationsMax = 256;

    private readonly List<ReplicationInput.Write> _writes = [];
    private int _operations;

    public bool IsEmpty => _writes.Count == 0;

    public bool IsFull => _operations >= OperationsMax;

    public ReplicationInput.Writes Input => new(_writes);

    public void Add(ReplicationInput.Write write)
    {
        _writes.Add(write);

        // What has no operations costs an answer.
        _operations += Math.Max(1, write.Operations.Length);
    }

    public void Clear()
    {
        _writes.Clear();
        _operations = 0;
    }

    /// <param name="culprit">The write at which the shard has crashed.</param>
    public void LeaveToNextEpoch(ulong culprit, ShardRequests requests) =>
        unanswered.AddRange(_writes.Where(write => write.Token != culprit).Select(write => requests.TakeBack(write.Token)));

    public IReadOnlyList<ShardCommand> TakeUnanswered()
    {
        var commands = unanswered.ToArray();
        unanswered.Clear();
        return commands;
    }
}
