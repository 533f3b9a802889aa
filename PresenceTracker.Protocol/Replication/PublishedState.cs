using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// What readers of a shard see, as its shell keeps it across epochs. Read by a new epoch, until its first <see cref="ReplicationEffect.Publish"/>;
/// nobody else changes it meanwhile.
/// </summary>
/// <param name="Version">The version of the last turn that was published.</param>
/// <param name="Topics">Every topic with a presence in it.</param>
/// <param name="Keys">Every key that is present.</param>
/// <param name="Contexts">How far readers see each replica.</param>
public sealed record PublishedState(
    ulong Version,
    IEnumerable<TopicView> Topics,
    IEnumerable<string> Keys,
    IEnumerable<KeyValuePair<ReplicaId, ulong>> Contexts)
{
    public static PublishedState Empty { get; } = new(0, [], [], []);
}
