using System.Text;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Presences;

/// <summary>One (topic, key, owner) with its meta. Immutable: an update makes a new one with a new dot and a new ref.</summary>
public sealed class Presence
{
    // Field tags, lengths, the dot, the grace and the term on the wire, rounded up: see the schema of the wire.
    private const int EncodedOverheadBytes = 48;

    public Presence(
        ReplicaId replica, ulong dot, PresenceId id, string @ref, Meta meta, TimeSpan leaveGrace, int term = 0)
    {
        Replica = replica;
        Dot = dot;
        Topic = id.Topic;
        Key = id.Key;
        Owner = id.Owner;
        Ref = @ref;
        Meta = meta;
        LeaveGrace = leaveGrace;
        Term = term;
    }

    /// <summary>The replica that wrote it.</summary>
    public ReplicaId Replica { get; }

    /// <summary>The replica's sequence number of the track or update that wrote it.</summary>
    public ulong Dot { get; }

    public string Topic { get; }

    public string Key { get; }

    /// <summary>What the presence lives and dies with, as text: its kind, a colon, and its name.</summary>
    public string Owner { get; }

    /// <summary>
    /// Short, printable and unique; <c>phx_ref</c> on the wire of Phoenix clients. New at each track and update, kept across a restart of a shard.
    /// </summary>
    public string Ref { get; }

    public Meta Meta { get; }

    /// <summary>For how long the presence stays listed after its connection broke or its node went; zero for most owners.</summary>
    public TimeSpan LeaveGrace { get; }

    /// <summary>
    /// How often the lease was taken over, from 1, as the terms of Raft count elections; 0 for other owners, which never move to another node.
    /// </summary>
    public int Term { get; }

    public NodeId Node => Replica.Node;

    public PresenceId Id => new(Topic, Key, Owner);

    /// <summary>
    /// Of two presences of one lease, whether this is the newer one: of a higher term, or of the same and a higher node, so that two nodes
    /// that took the lease over at once agree on one of them.
    /// </summary>
    public bool IsNewerThan(Presence other) => Term != other.Term ? Term > other.Term : Node.CompareTo(other.Node) > 0;

    /// <summary>An upper bound of the bytes that this presence takes in a message.</summary>
    internal int EncodedBytesMax =>
        EncodedOverheadBytes + Encoding.UTF8.GetByteCount(Topic) + Encoding.UTF8.GetByteCount(Key)
        + Encoding.UTF8.GetByteCount(Owner) + Encoding.UTF8.GetByteCount(Ref) + Meta.Utf8.Length;

    /// <summary>Whether readers see the same: a new epoch of a shard rewrites the dots, and nothing that a reader sees.</summary>
    internal bool ReadsLike(Presence other) => Ref == other.Ref && Id == other.Id && Meta.StructurallyEquals(other.Meta);

    public override string ToString() => $"{Topic}/{Key} ({Owner}) {Ref} @{Replica}:{Dot}";
}
