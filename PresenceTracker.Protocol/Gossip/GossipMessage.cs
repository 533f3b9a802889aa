using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>What the gossip cores of different nodes say to each other. Closed: the wire knows exactly these.</summary>
public abstract record GossipMessage
{
    private GossipMessage()
    {
    }

    /// <summary>A change, sent at once to every peer.</summary>
    /// <param name="Number">Counts the pushes from this node to that peer, from 1; acknowledged cumulatively.</param>
    /// <param name="Dots">The delta.</param>
    public sealed record Push(ulong Number, Dots Dots) : GossipMessage;

    /// <summary>Every push up to <paramref name="Number"/> has been applied or is lost; the receiver's queue holds none of them.</summary>
    public sealed record PushAck(ulong Number) : GossipMessage;

    /// <summary>Opens a digest round: one hash over all contexts that the sender holds as live.</summary>
    /// <param name="Root">The hash.</param>
    /// <param name="LastPush">
    /// The number of the last push to this peer, or 0 when all are acknowledged. Messages between two nodes stay in order, so the receiver
    /// knows that what is missing up to here is lost, and acknowledges it; an acknowledgement that was lost is repeated.
    /// </param>
    /// <param name="Synced">Whether the sender is synced.</param>
    public sealed record DigestRoot(ulong Root, ulong LastPush, bool Synced) : GossipMessage;

    /// <summary>The answer to an equal root: nothing to do.</summary>
    public sealed record DigestEqual(bool Synced) : GossipMessage;

    /// <summary>The answer to an unequal root: a hash per shard and bucket; the bucket of a replica is a stable hash of its address.</summary>
    /// <param name="BucketsPerShard">How many buckets each shard has; a power of two.</param>
    /// <param name="Hashes">By shard, then bucket.</param>
    /// <param name="Question">Repeated in the contexts that answer it, so that the sender learns how long its peer takes.</param>
    public sealed record DigestBuckets(int BucketsPerShard, ImmutableArray<ulong> Hashes, bool Synced, ulong Question = 0) : GossipMessage;

    /// <summary>The contexts in the unequal buckets. Absence of a replica means nothing.</summary>
    /// <param name="BucketsPerShard">How many buckets each shard has; a power of two.</param>
    /// <param name="Buckets">The unequal buckets: shard × buckets per shard + bucket, rising.</param>
    /// <param name="Contexts">Every context above zero in those buckets.</param>
    /// <param name="Reply">Whether the receiver shall answer with its own contexts of the same buckets.</param>
    /// <param name="Question">Where a reply is wanted, what it repeats.</param>
    /// <param name="AnswerTo">The question of the hashes or contexts that these answer.</param>
    public sealed record DigestContexts(
        int BucketsPerShard,
        ImmutableArray<int> Buckets,
        ImmutableArray<ReplicaContext> Contexts,
        bool Reply,
        bool Synced,
        ulong Question = 0,
        ulong AnswerTo = 0) : GossipMessage;

    /// <summary>Asks for what the sender lacks of one replica.</summary>
    /// <param name="Token">Repeated in each part of the answer; an answer with another token than the outstanding one is still applied, being data.</param>
    public sealed record Pull(ulong Token, ReplicaId Replica, PullPosition Position) : GossipMessage;

    /// <summary>One part of the answer to a <see cref="Pull"/>.</summary>
    /// <param name="Dots">Null when the sender has nothing newer.</param>
    /// <param name="Last">Whether this ends the answer; more may still be missing, and is asked for again.</param>
    public sealed record PullReply(ulong Token, ReplicaId Replica, Dots? Dots, bool Last) : GossipMessage;
}
