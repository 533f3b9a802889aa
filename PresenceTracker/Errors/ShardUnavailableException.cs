namespace PresenceTracker.Errors;

/// <summary>
/// The shard of the topic crashed while it handled the request, or is down for good after three crashes in ten seconds. Whether the request
/// took effect is unknown in the first case; reads show it. In the second it did not, unless it is about several topics: what is in other shards
/// was done.
/// </summary>
public sealed class ShardUnavailableException(int shard, Exception? cause)
    : PresenceException($"shard {shard} is not available: {cause?.Message ?? "it is down after repeated crashes"}", cause)
{
    public int Shard { get; } = shard;

    /// <summary>Whether the shard stays down; otherwise its next epoch takes the same request.</summary>
    public bool IsForGood => InnerException is null;
}
