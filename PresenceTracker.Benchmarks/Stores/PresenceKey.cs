using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Benchmarks.Stores;

/// <summary>A presence of a workload: a topic of about 8, a key of about 11 and an owner of about 22 characters, with a meta of about 100 bytes.</summary>
/// <param name="Meta">Made beforehand: the peers take bytes as they come, and check nothing.</param>
internal sealed record PresenceKey(string Topic, string Key, string Owner, Meta Meta)
{
    public byte[] MetaBytes { get; } = Meta.Utf8.ToArray();
}
