using Akka.Actor;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Actors;

/// <summary>Asks the shards of this node without a temporary actor. Thread-safe. Calls fail when the node stops.</summary>
internal sealed class ShardCalls(NodeRuntime runtime)
{
    // A batch is one turn of a shard; larger ones would keep its other callers waiting.
    private const int BatchMax = 1_000;

    public async Task<TResult> TellAsync<TResult>(
        string topic, Func<TaskCompletionSource<TResult>, ShardCommand> command, CancellationToken cancellationToken)
    {
        var shard = await OfAsync(topic, cancellationToken);
        return await TellAsync(shard, command, cancellationToken);
    }

    /// <summary>Tells each shard what is for its topics, in batches of one turn.</summary>
    /// <returns>The results in the order of the items.</returns>
    public async Task<IReadOnlyList<TrackResult>> TellManyAsync<TItem>(
        IReadOnlyList<TItem> items,
        Func<TItem, string> topicOf,
        Func<IReadOnlyList<TItem>, TaskCompletionSource<IReadOnlyList<TrackResult>>, ShardCommand> command,
        CancellationToken cancellationToken)
    {
        var shards = await AllAsync(cancellationToken);
        var results = new TrackResult[items.Count];
        var batches = Enumerable.Range(0, items.Count)
            .GroupBy(index => StableHash.ShardOf(topicOf(items[index]), shards.Count))
            .SelectMany(ofShard => ofShard.Chunk(BatchMax).Select(batch => (Shard: ofShard.Key, Indexes: batch)));
        await Task.WhenAll(batches.Select(async batch =>
        {
            var ofBatch = await TellAsync<IReadOnlyList<TrackResult>>(
                shards[batch.Shard], completion => command([.. batch.Indexes.Select(index => items[index])], completion), cancellationToken);
            for (var i = 0; i < ofBatch.Count; i++)
            {
                results[batch.Indexes[i]] = ofBatch[i];
            }
        }));
        return results;
    }

    /// <summary>Ends what an owner has, and what calls before this one have yet to track for it.</summary>
    /// <returns>How many presences that were.</returns>
    public async Task<int> UntrackOwnerAsync(Owner owner, CancellationToken cancellationToken)
    {
        var shards = await AllAsync(cancellationToken);
        var counts = shards.Select(_ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
        using var end = runtime.WhenStopped(fault => counts.ForEach(count => count.TrySetException(fault)));
        TellOwnerWatch(shards, shard => new OwnerMessage.UntrackOwner(owner, shard, counts[shard]));
        return (await Task.WhenAll(counts.Select(count => count.Task)).WaitAsync(cancellationToken)).Sum();
    }

    public void ConnectionLost(string connectionId)
    {
        // Before the shards have started nothing is tracked, and a call that still waits for them has not completed.
        if (runtime.Shards.IsCompletedSuccessfully)
        {
            TellOwnerWatch(runtime.Shards.Result, shard => new OwnerMessage.ConnectionLost(connectionId, shard));
        }
    }

    public async Task<IActorRef> OfAsync(string topic, CancellationToken cancellationToken)
    {
        var shards = await AllAsync(cancellationToken);
        return shards[StableHash.ShardOf(topic, shards.Count)];
    }

    public async Task<IReadOnlyList<IActorRef>> AllAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await runtime.Shards.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Through each shard, of its own presences: a cancelled call is no longer waited for, and yet its command may be in a shard's mailbox.
    /// </summary>
    private void TellOwnerWatch(IReadOnlyList<IActorRef> shards, Func<int, OwnerMessage> word)
    {
        for (var shard = 0; shard < shards.Count; shard++)
        {
            shards[shard].Tell(new ShardCommand.AboutOwner(word(shard), runtime.OwnerWatch), ActorRefs.NoSender);
        }
    }

    private async Task<TResult> TellAsync<TResult>(
        IActorRef shard, Func<TaskCompletionSource<TResult>, ShardCommand> command, CancellationToken cancellationToken)
    {
        var completion = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = command(completion);
        using var end = runtime.WhenStopped(message.Fail);
        shard.Tell(message, ActorRefs.NoSender);
        return await completion.Task.WaitAsync(cancellationToken);
    }
}
