using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Subscriptions;

/// <summary>
/// One reader's window on a topic: a snapshot, then every later diff, once, in order, with no gap. One thread may read it at a time.
/// Dispose it to end it.
/// </summary>
/// <remarks>
/// A reader that falls more than the queue's length behind is not served one by one any more: its next diff takes it from what it has to the
/// present state in one step. Folding the diffs gives the list all the same.
/// </remarks>
public sealed class Subscription : IAsyncDisposable
{
    private readonly Channel<TopicView> _snapshots = Channel.CreateBounded<TopicView>(1);
    private readonly Channel<TopicDiff> _diffs;
    private readonly TaskCompletionSource<TopicView> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IActorRef _shard;
    private readonly IActorRef _publisher;
    private TopicView? _snapshot;
    private TopicView? _seen;
    private int _isLagging;
    private int _isDisposed;

    internal Subscription(string topic, int queueDiffsMax, IActorRef shard, IActorRef publisher)
    {
        Topic = topic;
        _shard = shard;
        _publisher = publisher;
        _diffs = Channel.CreateBounded<TopicDiff>(new BoundedChannelOptions(queueDiffsMax) { SingleReader = true, SingleWriter = true });
    }

    public string Topic { get; }

    /// <summary>The topic when the subscription began; the first diff follows it without a gap.</summary>
    public TopicView Snapshot => _snapshot ?? throw new InvalidOperationException("the subscription has not begun");

    internal Task<TopicView> First => _first.Task;

    internal bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Every change after <see cref="Snapshot"/>. Ends when the subscription is disposed; throws when the tracker stops.</summary>
    public async IAsyncEnumerable<TopicDiff> Diffs([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            while (_diffs.Reader.TryRead(out var diff))
            {
                _seen = diff.After;
                if (!diff.Events.IsEmpty)
                {
                    yield return diff;
                }
            }

            if (Volatile.Read(ref _isLagging) != 0 && _diffs.Reader.Count == 0)
            {
                _shard.Tell(new ShardCommand.Subscribe(this), ActorRefs.NoSender);
                if (!await _snapshots.Reader.WaitToReadAsync(cancellationToken) || !_snapshots.Reader.TryRead(out var view))
                {
                    yield break;
                }

                var step = TopicDiff.Between(_seen!, view);
                _seen = view;
                if (!step.Events.IsEmpty)
                {
                    yield return step;
                }
            }
            else if (!await _diffs.Reader.WaitToReadAsync(cancellationToken))
            {
                yield break;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isDisposed, 1);
        _publisher.Tell(new DiffPublisher.Unsubscribe(this), ActorRefs.NoSender);
        _diffs.Writer.TryComplete();
        _snapshots.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Called by the publisher, in order with the diffs: from here on every diff is offered.</summary>
    internal void Begin(TopicView view)
    {
        if (_snapshot is null)
        {
            _snapshot = _seen = view;
            _first.TrySetResult(view);
            return;
        }

        // Cleared before the snapshot is handed over: the diffs that follow it belong to the reader again.
        Volatile.Write(ref _isLagging, 0);
        _snapshots.Writer.TryWrite(view);
    }

    /// <summary>Called by the publisher.</summary>
    /// <returns>Whether the reader is still to be served one by one.</returns>
    internal bool Offer(TopicDiff diff)
    {
        if (_diffs.Writer.TryWrite(diff))
        {
            return true;
        }

        Volatile.Write(ref _isLagging, 1);
        return false;
    }

    internal void Fail(Exception cause)
    {
        _first.TrySetException(cause);
        _diffs.Writer.TryComplete(cause);
        _snapshots.Writer.TryComplete(cause);
    }
}
