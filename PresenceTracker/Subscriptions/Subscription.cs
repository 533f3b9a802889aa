using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Errors;
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
    private readonly Channel<Item> _items;
    private readonly TaskCompletionSource<TopicView> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _queueDiffsMax;
    private readonly IActorRef _shard;
    private readonly IActorRef _publisher;
    private readonly CancellationTokenRegistration _end;
    private TopicView? _snapshot;
    private TopicView? _seen;
    private int _isDisposed;

    internal Subscription(string topic, NodeRuntime runtime, IActorRef shard)
    {
        Topic = topic;
        _queueDiffsMax = runtime.Settings.SubscriberQueue;
        _shard = shard;
        _publisher = runtime.Publisher;

        // One place more than there are diffs: for the word that the reader lags, or for the present state that it asked for then.
        _items = Channel.CreateBounded<Item>(new BoundedChannelOptions(_queueDiffsMax + 1) { SingleReader = true, SingleWriter = true });
        _end = runtime.WhenStopped(Fail);
    }

    public string Topic { get; }

    /// <summary>The topic when the subscription began; the first diff follows it without a gap.</summary>
    public TopicView Snapshot => _snapshot ?? throw new InvalidOperationException("the subscription has not begun");

    internal Task<TopicView> First => _first.Task;

    /// <summary>How many diffs wait to be read. The word that the reader lags is none.</summary>
    internal int Queued => Math.Min(_items.Reader.Count, _queueDiffsMax);

    internal bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>
    /// Every change after <see cref="Snapshot"/>. Ends when the subscription is disposed. Reading can end and begin again: it goes on where it
    /// was.
    /// </summary>
    /// <exception cref="TrackerStoppedException">The tracker stops.</exception>
    /// <exception cref="ShardUnavailableException">
    /// The shard of the topic stays down after repeated crashes. A crash from which the shard comes back ends nothing: a reader that had fallen
    /// behind asks for the present state again.
    /// </exception>
    public async IAsyncEnumerable<TopicDiff> Diffs([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await _items.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_items.Reader.TryRead(out var item))
            {
                if (item.HasFallenBehind)
                {
                    Request();
                    continue;
                }

                var diff = item.Diff ?? TopicDiff.Between(_seen!, item.View!);
                _seen = diff.After;
                if (!diff.Events.IsEmpty)
                {
                    yield return diff;
                }
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isDisposed, 1);
        _end.Dispose();
        _publisher.Tell(new DiffPublisher.Unsubscribe(this), ActorRefs.NoSender);
        _items.Writer.TryComplete();
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

        _items.Writer.TryWrite(new Item(null, view));
    }

    /// <summary>Called by the publisher.</summary>
    /// <returns>Whether the reader is still to be served one by one.</returns>
    internal bool Offer(TopicDiff diff)
    {
        // Only the publisher writes, so there is room for what it writes now. That the reader lags is said in the queue itself: it finds out
        // when it has read what came before, and cannot miss it.
        var isServed = _items.Reader.Count < _queueDiffsMax;
        _items.Writer.TryWrite(isServed ? new Item(diff, null) : default);
        return isServed;
    }

    /// <summary>Asks the shard for the present state, from which on every diff is offered.</summary>
    internal void Request() => _shard.Tell(new ShardCommand.Subscribe(this), ActorRefs.NoSender);

    /// <summary>
    /// The shard crashed before it answered, or is down. Who has just subscribed is told at once; a reader that was being served is no worse
    /// off than if it had asked a moment later, and so the next epoch is asked.
    /// </summary>
    internal void RequestFailed(Exception cause)
    {
        if (cause is ShardUnavailableException { IsForGood: false } && _first.Task.IsCompletedSuccessfully)
        {
            Request();
        }
        else
        {
            Fail(cause);
        }
    }

    /// <summary>Nothing more will come: the tracker has stopped, or the shard stays down.</summary>
    internal void Fail(Exception cause)
    {
        _first.TrySetException(cause);
        _items.Writer.TryComplete(cause);

        // Whoever awaits it is told; that nobody does any more is no fault of the process.
        _ = _first.Task.Exception;
    }

    /// <summary>A diff, or the present state, or neither: then the reader has fallen behind and must ask for the present state.</summary>
    private readonly record struct Item(TopicDiff? Diff, TopicView? View)
    {
        public bool HasFallenBehind => Diff is null && View is null;
    }
}
