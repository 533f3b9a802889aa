namespace PresenceTracker.Subscriptions;

/// <summary>Where a key that somebody watches is present.</summary>
internal sealed class WatchedKey(int shardCount)
{
    private readonly bool[] _isPresent = new bool[shardCount];
    private readonly ulong[] _versions = new ulong[shardCount];

    public HashSet<KeySubscription> Watchers { get; } = [];

    public bool IsOnline => _isPresent.Contains(true);

    /// <summary>Takes what a shard says of the key as of a version of its readable state; what is older than what is known changes nothing.</summary>
    public void Set(int shard, bool isPresent, ulong version)
    {
        if (version > _versions[shard])
        {
            (_isPresent[shard], _versions[shard]) = (isPresent, version);
        }
    }
}
