using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Errors;

namespace PresenceTracker.Subscriptions;

/// <summary>
/// One reader's window on what changes: a snapshot, then every later diff, once, in order, with no gap. One thread may read it at a time.
/// Dispose it to end it.
/// </summary>
/// <remarks>
/// A reader that falls more than the queue's length behind is not served one by one any more: its next diff takes it from what it has to the
/// present state in one step. Folding the diffs gives the state all the same.
/// </remarks>
public abstract class Subscription<TState, TDiff> : IAsyncDisposable, IReaderQueue
    where TState : class
    where TDiff : class
{
    private readonly Channel<Item> _items;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _queueDiffsMax;
    private readonly CancellationTokenRegistration _end;
    private TState? _snapshot;
    private TState? _seen;
    private int _isDisposed;

    private protected Subscription(NodeRuntime runtime)
    {
        _queueDiffsMax = runtime.Settings.SubscriberQueue;
        Publisher = runtime.Publisher;

        // One place more than there are diffs: for the word that the reader lags, or for the present state that it asked for then.
        _items = Channel.CreateBounded<Item>(new BoundedChannelOptions(_queueDiffsMax + 1) { SingleReader = true, SingleWriter = true });
        _end = runtime.WhenStopped(Fail);
    }

    /// <summary>The state when the subscription began; the first diff follows it without a gap.</summary>
    /// <exception cref="InvalidOperationException">It was taken by <see cref="TakeSnapshot"/>.</exception>
    public TState Snapshot => _snapshot ?? throw new InvalidOperationException("the subscription has given its snapshot away");

    // The word that the reader lags is no diff.
    int IReaderQueue.Queued => Math.Min(Queued, _queueDiffsMax);

    internal Task First => _first.Task;

    /// <summary>How much waits to be read: diffs, or one more if the last is the word that the reader lags.</summary>
    internal int Queued => _items.Reader.Count;

    internal bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    private protected IActorRef Publisher { get; }

    /// <summary>
    /// Gives <see cref="Snapshot"/> away, once: for readers that follow a large topic for long and need not keep who was in it at first.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was taken before.</exception>
    public TState TakeSnapshot()
    {
        var snapshot = Snapshot;
        _snapshot = null;
        return snapshot;
    }

    /// <summary>
    /// Every change after <see cref="Snapshot"/>. Ends when the subscription is disposed. Reading can end and begin again: it goes on where it
    /// was.
    /// </summary>
    /// <exception cref="TrackerStoppedException">The tracker stops.</exception>
    /// <exception cref="ShardUnavailableException">
    /// A shard that it reads stays down after repeated crashes. A crash from which the shard comes back ends nothing: a reader that had fallen
    /// behind asks for the present state again.
    /// </exception>
    public async IAsyncEnumerable<TDiff> Diffs([EnumeratorCancellation] CancellationToken cancellationToken = default)
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

                var diff = item.Diff ?? Between(_seen!, item.State!);
                _seen = item.State ?? After(_seen!, diff);
                if (!IsEmpty(diff))
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
        Unsubscribe();
        _items.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Called by the publisher, in order with the diffs: from here on every diff is offered.</summary>
    internal void Begin(TState state)
    {
        if (!First.IsCompletedSuccessfully)
        {
            _snapshot = _seen = state;
            _first.TrySetResult();
            return;
        }

        _items.Writer.TryWrite(new Item(null, state));
    }

    /// <summary>Called by the publisher.</summary>
    /// <returns>Whether the reader is still to be served one by one.</returns>
    internal bool Offer(TDiff diff)
    {
        // Only the publisher writes, so there is room for what it writes now. That the reader lags is said in the queue itself: it finds out
        // when it has read what came before, and cannot miss it.
        var isServed = _items.Reader.Count < _queueDiffsMax;
        _items.Writer.TryWrite(isServed ? new Item(diff, null) : default);
        return isServed;
    }

    /// <summary>Asks for the present state, from which on every diff is offered.</summary>
    internal abstract void Request();

    /// <summary>
    /// The shard crashed before it answered, or is down. Who has just subscribed is told at once; a reader that was being served is no worse
    /// off than if it had asked a moment later, and so the next epoch is asked.
    /// </summary>
    internal void RequestFailed(Exception cause)
    {
        if (cause is ShardUnavailableException { IsForGood: false } && First.IsCompletedSuccessfully)
        {
            Request();
        }
        else
        {
            Fail(cause);
        }
    }

    /// <summary>Nothing more will come: the tracker has stopped, or a shard stays down.</summary>
    internal void Fail(Exception cause)
    {
        _first.TrySetException(cause);
        _items.Writer.TryComplete(cause);

        // Whoever awaits it is told; that nobody does any more is no fault of the process.
        _ = _first.Task.Exception;
    }

    private protected abstract void Unsubscribe();

    /// <summary>The diff that takes a reader from one state to a later one.</summary>
    private protected abstract TDiff Between(TState before, TState after);

    private protected abstract TState After(TState before, TDiff diff);

    private protected abstract bool IsEmpty(TDiff diff);

    /// <summary>A diff, or the present state, or neither: then the reader has fallen behind and must ask for the present state.</summary>
    private readonly record struct Item(TDiff? Diff, TState? State)
    {
        public bool HasFallenBehind => Diff is null && State is null;
    }
}
