namespace PresenceTracker.Protocol.Membership;

/// <summary>A shard of a node that has crashed and come back: its current epoch, and from where on that epoch is complete.</summary>
/// <param name="Shard">The shard, from 0.</param>
/// <param name="Epoch">The current epoch; at least 1 (epoch 0 goes without saying).</param>
/// <param name="CompleteAt">
/// The context at which the new epoch has all local presences again; peers show the old epoch until they have reached it.
/// </param>
public readonly record struct ShardEpoch(int Shard, int Epoch, ulong CompleteAt);
