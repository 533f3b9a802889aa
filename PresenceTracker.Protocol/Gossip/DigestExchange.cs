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
    TokenSource tokens,
    Prng prng)
{
    // Three tries fit into a round, even where messages are lost; the next round finds what they did not.
    private const int RepeatsMax = 2;

    // Hashes or contexts, of which a message has about as many as the answer to it: 15 KB. More is left to the next round. Our guess.
    private const int SmallMax = 256;

    public void Root(Peer peer, GossipMessage.DigestRoot message, MonotonicTime now, List<GossipEffect> effects)
    {
        peer.IsSynced = message.Synced;
        peer.Receipts.Expect(message.LastPush, effects);
        if (message.Root == contexts.Root)
        {
            peer.Question = null;
            Send(peer, new GossipMessage.DigestEqual(sync.IsSynced), effects);
            Compare(peer, OwnGrid(), [], now, effects);
            return;
        }

        rounds.Wake(now, effects);
        AwaitContexts(peer, message, AskByHashes(peer, now, effects), now, effects);
    }

    public void Equal(Peer peer, GossipMessage.DigestEqual message, MonotonicTime now, List<GossipEffect> effects)
    {
        peer.IsSynced = message.Synced;
        peer.Question = null;
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

        var (grid, unequal) = CompareHashes(message, theirs);
        if (unequal.Count == 0)
        {
            // The difference is gone, and who asks does not know it.
            peer.Question = null;
            Send(peer, new GossipMessage.DigestEqual(sync.IsSynced), effects);
        }
        else
        {
            rounds.Wake(now, effects);
            AwaitContexts(peer, message, AskByContexts(peer, message, grid, unequal, now, effects), now, effects);
        }

        Compare(peer, grid, unequal, now, effects);
        return true;
    }

    /// <returns>False, and nothing changed, if no correct peer would send it.</returns>
    public bool Contexts(Peer peer, GossipMessage.DigestContexts message, MonotonicTime now, List<GossipEffect> effects)
    {
        if (BucketGrid.FromPeer(options.ShardCount, message.BucketsPerShard) is not { } grid || !AreRising(message.Buckets, grid.Count))
        {
            return false;
        }

        peer.IsSynced = message.Synced;
        peer.DigestAnswers.Answered(message.AnswerTo, now);
        peer.Question = null;
        foreach (var (replica, context) in message.Contexts)
        {
            Offer(peer, replica, context, now, effects);
        }

        if (message.Reply)
        {
            SendContexts(peer, grid, message.Buckets, first: 0, question: null, message.Question, effects);
        }

        Read(peer, grid, message, now, effects);
        return true;
    }

    /// <summary>The peer's contexts have not come: what asks for them is sent again if the difference is still there.</summary>
    public void Overdue(Peer peer, GossipTimer.DigestOverdue timer, MonotonicTime now, List<GossipEffect> effects)
    {
        if (peer.Question is not { } question || question.Token != timer.Token)
        {
            return;
        }

        if (question.Repeats == RepeatsMax || !KeepsUp(peer, now) || !AskAgain(peer, question.Difference, now, effects))
        {
            peer.Question = null;
            return;
        }

        question.Repeats++;
        ScheduleOverdue(peer, question, effects);
    }

    private bool AskAgain(Peer peer, GossipMessage difference, MonotonicTime now, List<GossipEffect> effects)
    {
        if (difference is not GossipMessage.DigestBuckets buckets)
        {
            return ((GossipMessage.DigestRoot)difference).Root != contexts.Root && AskByHashes(peer, now, effects) > 0;
        }

        var (grid, unequal) = CompareHashes(buckets, new BucketGrid(options.ShardCount, buckets.BucketsPerShard));
        return unequal.Count > 0 && AskByContexts(peer, buckets, grid, unequal, now, effects) > 0;
    }

    /// <summary>A question that should have a small answer is repeated until it comes: who knows of a difference does not let go of it.</summary>
    private void AwaitContexts(Peer peer, GossipMessage difference, int size, MonotonicTime now, List<GossipEffect> effects)
    {
        if (size > SmallMax || !KeepsUp(peer, now))
        {
            return;
        }

        if (peer.Question is { } question && question.Difference.GetType() == difference.GetType())
        {
            question.Difference = difference;
            return;
        }

        peer.Question = new DigestQuestion(tokens.Next(), difference);
        ScheduleOverdue(peer, peer.Question, effects);
    }

    // To ask a blocked peer again would only fill the buffers towards it.
    private static bool KeepsUp(Peer peer, MonotonicTime now) => !peer.IsSuspect && !peer.Window.IsBlocked(now);

    private static void ScheduleOverdue(Peer peer, DigestQuestion question, List<GossipEffect> effects) =>
        effects.Add(new GossipEffect.ScheduleTimer(
            new GossipTimer.DigestOverdue(peer.Id, question.Token), peer.DigestAnswers.Wait(question.Repeats)));

    /// <returns>How many hashes it has.</returns>
    private int AskByHashes(Peer peer, MonotonicTime now, List<GossipEffect> effects)
    {
        var grid = OwnGrid();
        Send(
            peer,
            new GossipMessage.DigestBuckets(grid.BucketsPerShard, [.. contexts.BucketHashes(grid)], sync.IsSynced, NewQuestion(peer, now)),
            effects);
        return grid.Count;
    }

    /// <returns>How many contexts it has.</returns>
    private int AskByContexts(
        Peer peer, GossipMessage.DigestBuckets message, BucketGrid grid, List<int> unequal, MonotonicTime now, List<GossipEffect> effects) =>
        SendContexts(peer, grid, unequal, prng.Next(unequal.Count), NewQuestion(peer, now), message.Question, effects);

    private ulong NewQuestion(Peer peer, MonotonicTime now)
    {
        var question = tokens.Next();
        peer.DigestAnswers.Asked(question, now);
        return question;
    }

    private (BucketGrid Grid, List<int> Unequal) CompareHashes(GossipMessage.DigestBuckets message, BucketGrid theirs)
    {
        // A peer that knows few nodes has few buckets; in the finer grid its unequal ones become several, each small enough for a message.
        var mine = contexts.BucketHashes(theirs);
        var grid = theirs.FinerOf(OwnGrid());
        return (grid, [.. Enumerable.Range(0, grid.Count).Where(IsUnequal)]);

        bool IsUnequal(int bucket)
        {
            var coarse = theirs.Coarsen(bucket, grid);
            return mine[coarse] != message.Hashes[coarse];
        }
    }

    private void Offer(Peer peer, ReplicaId replica, ulong context, MonotonicTime now, List<GossipEffect> effects)
    {
        if (!self.Owns(replica))
        {
            pulls.Offer(replica, peer.Id, context, now, effects);
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
            SendContexts(peer, grid, [.. reading.Unread], first: 0, NewQuestion(peer, now), answerTo: 0, effects);
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

    private int SendContexts(
        Peer peer, BucketGrid grid, IReadOnlyList<int> wanted, int first, ulong? question, ulong answerTo, List<GossipEffect> effects)
    {
        var page = DigestPage.Take(contexts, grid, wanted, first, options.DigestBytesMax);
        Send(
            peer,
            new GossipMessage.DigestContexts(
                grid.BucketsPerShard, page.Buckets, page.Contexts, question is not null, sync.IsSynced, question ?? 0, answerTo),
            effects);
        return page.Contexts.Length;
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
