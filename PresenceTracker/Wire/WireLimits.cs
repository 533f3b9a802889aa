using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Wire;

/// <summary>
/// The bounds of the protocol. Every node refuses what is beyond them, so they are the same everywhere; the options of a node
/// (<c>presence.limits</c>) can only be lower.
/// </summary>
internal static class WireLimits
{
    /// <summary>Half of Akka.Remote's default frame, so that one message never holds up the probes behind it for long.</summary>
    public const int MessageBytesMax = 64 * 1024;

    public const int TopicBytesMax = 512;

    public const int KeyBytesMax = 256;

    public const int OwnerBytesMax = 256;

    public const int RefBytesMax = 32;

    public const int MetaBytesMax = 4 * 1024;

    public const int AddressBytesMax = NodeAddress.BytesMax;

    public const int ClusterNameBytesMax = 255;

    /// <summary>The name of a setting, or one of its values, in a refusal.</summary>
    public const int SettingBytesMax = 255;

    /// <summary>A leave grace bridges a reconnect; whoever wants a day wants a lease.</summary>
    public static readonly TimeSpan LeaveGraceMax = TimeSpan.FromDays(1);

    /// <summary>A sender counts 48 bytes for each entry beside its texts (as the core does).</summary>
    public const int EntriesMax = MessageBytesMax / 48;

    public const int RemovalsMax = MessageBytesMax / Removal.EncodedBytesMax;

    /// <summary>As many as a lease core puts into one message.</summary>
    public const int LeaseCallsMax = 1_000;

    public const int ShardsMax = 256;

    public const int BucketsPerShardMax = 1024;

    /// <summary>As many as a message holds that is full of hashes.</summary>
    public const int BucketsMax = MessageBytesMax / sizeof(ulong);

    /// <summary>A sender counts 48 bytes for each context beside its address (as the core does).</summary>
    public const int ContextsMax = MessageBytesMax / 48;

    /// <summary>As many as a membership core puts into one message.</summary>
    public const int UpdatesMax = MembershipOptions.UpdatesPerMessageMax;

    /// <summary>As many as an answer of the membership core names.</summary>
    public const int NeighborsMax = MembershipOptions.NeighborsMax;

    /// <summary>As many as the widest views put into one shuffle.</summary>
    public const int ShuffledNodesMax = 201;

    /// <summary>As many as the broadcast core puts into one message.</summary>
    public const int AnnouncementsMax = BroadcastOptions.AnnouncementsMax;

    /// <summary>No walk through any cluster is as long.</summary>
    public const int HopsMax = 1_000;

    /// <summary>As many as the membership core knows addresses.</summary>
    public const int NodesMax = 1000;

    /// <summary>A sender of a welcome takes as many members into it, and counts 32 bytes for each beside its address (as the core does).</summary>
    public const int MembersBytesMax = 56 * 1024;
}
