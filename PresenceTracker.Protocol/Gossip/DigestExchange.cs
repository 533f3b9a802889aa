using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// The messages of a digest round: one root hash, then a hash per shard and bucket, then the contexts of unequal buckets only. Equal
/// states cost one hash and its answer, whatever their size.
/// </summary>
/// <remarks>
/// After the version-vector digests of scuttlebutt reconciliation (van Renesse et al., 2008). Deviation: hashes come before the contexts. A replica
/// that a digest does not name says nothing: only the membership removes replicas.
/// </remarks>
internal sealed class DigestExchange(
    GossipOptions options,
    OwnNode self,
    PeerTable peers,
    ContextTable contexts,
    PullTable pulls,
    SyncRule sync,
    DigestRounds rounds,
    Prng prng)
{
    public void Root(Peer peer, GossipMessage.DigestRoot message, MonotonicTime now, List<GossipEffect> effects)
    {
        peer.IsSynced = message.Synced;
        peer.Receipts.Expect(message.LastPush, effects);
        if (message.Root == contexts.Root)
        {
            Send(peer, new GossipMessage.DigestEqual(sync.IsSynced), effects);
            Compare(peer, OwnGrid(), [], now, effects);
            return;
        }

        rounds.Wake(now, effects);
        var grid = OwnGrid();
        Send(peer, new GossipMessage.DigestBuckets(grid.BucketsPerShard, [.. contexts.BucketHashes(grid)], sync.IsSynced), effects);
    }

    public void Equal(Peer peer, GossipMessage.DigestEqual message, MonotonicTime now, List<GossipEffect> effects)
    {
        peer.IsSynced = message.Synced;
        Compare(peer, OwnGrid(), [], now, effects);
    }

    /// <returns>False, and nothing changed, if no correct peer would send it.</returns>
    public bool Buckets(Peer peer, GossipMessage.DigestBuckets message, MonotonicTime now, List<GossipEffect> effects)
    {
        if (BucketGrid.FromPeer(options.ShardCount, message.BucketsPerShard) is not { } theirs || message.Hashes.Length != theirs.Count)
        {
            return false;
        }

        peer.IsSynced = message.Synced;

        // A peer that knows few nodes has few buckets; in the finer grid its unequal ones become several, each small enough for a message.
        var mine = contexts.BucketHashes(theirs);
        var grid = theirs.FinerOf(OwnGrid());
        var unequal = Enumerable.Range(0, grid.Count).Where(IsUnequal).ToList();
        if (unequal.Count > 0)
        {
            rounds.Wake(now, effects);
            SendContexts(peer, grid, unequal, prng.Next(unequal.Count), isReplyWanted: true, effects);
        }

        Compare(peer, grid, unequal, now, effects);
        return true;

        bool IsUnequal(int bucket)
        {
            var coarse = theirs.Coarsen(bucket, grid);
            return mine[coarse] != message.Hashes[coarse];
        }
    }

    /// <returns>False, and nothing changed, if no correct peer would send it.</returns>
    public bool Contexts(Peer peer, GossipMessage.DigestContexts message, MonotonicTime now, List<GossipEffect> effects)
    {
        if (BucketGrid.FromPeer(options.ShardCount, message.BucketsPerShard) is not { } grid || !AreRising(message.Buckets, grid.Count))
        {
            return false;
        }

        peer.IsSynced = message.Synced;
        foreach (var (replica, context) in message.Contexts)
        {
            Offer(peer, replica, context, now, effects);
        }

        if (message.Reply)
        {
            SendContexts(peer, grid, message.Buckets, first: 0, isReplyWanted: false, effects);
        }

        Read(peer, grid, message, now, effects);
        return true;
    }

    private void Offer(Peer peer, ReplicaId replica, ulong context, MonotonicTime now, List<GossipEffect> effects)
    {
        if (!self.Owns(replica))
        {
            pulls.Offer(replica, new PullSource(peer.Id, context), now, effects);
        }
        else if (!contexts.CanBeKnown(replica, context))
        {
            effects.Add(new GossipEffect.ReportViolation(GossipViolation.OwnReplica, peer.Id));
        }
    }

    private BucketGrid OwnGrid() => BucketGrid.For(options.ShardCount, peers.Count + 1);

    private void Compare(Peer peer, BucketGrid grid, List<int> unequal, MonotonicTime now, List<GossipEffect> effects)
    {
        if (peer.Reading is { } reading)
        {
            reading.Compare(grid, unequal, peer.IsSynced == true);
            Finish(peer, reading, now, effects);
        }
    }

    private void Read(Peer peer, BucketGrid grid, GossipMessage.DigestContexts message, MonotonicTime now, List<GossipEffect> effects)
    {
        if (peer.Reading is not { } reading || !reading.Read(grid, message.Buckets, message.Contexts, message.Synced))
        {
            return;
        }

        Finish(peer, reading, now, effects);
        if (!message.Reply && reading.Unread.Count > 0)
        {
            // Who waits for a peer's contexts does not wait for the next round when one message did not hold them all.
            SendContexts(peer, grid, [.. reading.Unread], first: 0, isReplyWanted: true, effects);
        }
    }

    private void Finish(Peer peer, DigestReading reading, MonotonicTime now, List<GossipEffect> effects)
    {
        if (!reading.IsComplete)
        {
            return;
        }

        if (!peer.IsFirstDigestRead)
        {
            peer.IsFirstDigestRead = true;
            effects.Add(new GossipEffect.ShowTarget(peer.Id, OwnContextsOf(peer, reading)));
        }

        // The contexts of a peer that is itself not synced are no target: it is read again, until it is.
        var isTarget = reading.WasSynced && !sync.IsSynced;
        peer.Reading = isTarget || sync.IsSynced ? null : new DigestReading();
        if (isTarget)
        {
            sync.PeerRead(reading.Contexts, now);
        }
    }

    private ImmutableArray<ReplicaContext> OwnContextsOf(Peer peer, DigestReading reading)
    {
        // In the buckets that did not differ, ours are the peer's.
        var own = new SortedDictionary<ReplicaId, ReplicaContext>();
        foreach (var context in contexts.Members.Select(member => member.Member).Concat(reading.Contexts))
        {
            if (context.Replica.Node == peer.Id)
            {
                own[context.Replica] = context;
            }
        }

        return [.. own.Values];
    }

    private void SendContexts(
        Peer peer, BucketGrid grid, IReadOnlyList<int> wanted, int first, bool isReplyWanted, List<GossipEffect> effects)
    {
        var page = DigestPage.Take(contexts, grid, wanted, first, options.DigestBytesMax);
        Send(
            peer,
            new GossipMessage.DigestContexts(grid.BucketsPerShard, page.Buckets, page.Contexts, isReplyWanted, sync.IsSynced),
            effects);
    }

    private static void Send(Peer peer, GossipMessage message, List<GossipEffect> effects) =>
        effects.Add(new GossipEffect.SendMessage(peer.Id, message));

    private static bool AreRising(ImmutableArray<int> buckets, int count)
    {
        var above = -1;
        foreach (var bucket in buckets)
        {
            if (bucket <= above || bucket >= count)
            {
                return false;
            }

            above = bucket;
        }

        return true;
    }
}
