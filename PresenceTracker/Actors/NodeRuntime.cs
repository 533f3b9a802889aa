using Akka.Actor;
using PresenceTracker.Configuration;
using PresenceTracker.Diagnostics;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Reading;
using PresenceTracker.Wire;

namespace PresenceTracker.Actors;

/// <summary>
/// What the actors of one node share with the threads of its callers: the published views and the way into the shards. Outlives a crash of
/// any actor.
/// </summary>
internal sealed class NodeRuntime
{
    private readonly TaskCompletionSource<IReadOnlyList<IActorRef>> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private Func<TrackerStoppedException>? _fault;
    private int _shardsDown;

    public NodeRuntime(PresenceSettings settings, NodeId startedAs)
    {
        Settings = settings;
        StartedAs = startedAs;
        Refs = new RefSource(startedAs.Incarnation.ProcessId);
        Views = [.. Enumerable.Range(0, settings.ShardCount).Select(_ => new ShardView())];
        Directory = new NodeDirectory(startedAs);
        Metrics = new PresenceMetrics(this);
    }

    public PresenceSettings Settings { get; }

    /// <summary>Set by the supervisor before the shards start.</summary>
    public IActorRef OwnerWatch { get; set; } = ActorRefs.Nobody;

    /// <summary>Set by the supervisor before the shards start.</summary>
    public IActorRef Publisher { get; set; } = ActorRefs.Nobody;

    /// <summary>Set by the supervisor before the shards start.</summary>
    public IActorRef Leases { get; set; } = ActorRefs.Nobody;

    /// <summary>Set by the supervisor before the shards start.</summary>
    public IActorRef Overlay { get; set; } = ActorRefs.Nobody;

    /// <summary>The identity before the handshake, which may raise it.</summary>
    public NodeId StartedAs { get; }

    public RefSource Refs { get; }

    /// <summary>By shard.</summary>
    public IReadOnlyList<ShardView> Views { get; }

    public NodeDirectory Directory { get; }

    public TrafficTable Traffic { get; } = new();

    public GossipView Gossip { get; } = new();

    public PresenceMetrics Metrics { get; }

    /// <summary>Completes with the shards once this node's identity is final.</summary>
    public Task<IReadOnlyList<IActorRef>> Shards => _started.Task;

    /// <summary>Completes once the node is joined and synced; fails if it stops before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes with the reason when the node has stopped.</summary>
    public Task<string> Stopped => _stopped.Task;

    /// <summary>Whether the node has stopped otherwise than by being asked to; final once <see cref="Stopped"/> has completed.</summary>
    public bool HasFailed { get; private set; }

    public ShardView ViewOf(string topic) => Views[StableHash.ShardOf(topic, Settings.ShardCount)];

    /// <summary>Takes note of what the membership has decided. Called by the supervisor alone.</summary>
    public void Apply(MembershipEffect effect)
    {
        Directory.Apply(effect);
        switch (effect)
        {
            case MembershipEffect.NodeUp(var record):
                Traffic.Add(record.Node.Address);
                break;
            case MembershipEffect.NodeReturned(var record):
                Traffic.Add(record.Node.Address);
                break;
            case MembershipEffect.NodeRemoved(var node, _) when !Directory.Knows(node.Address):
                Traffic.Remove(node.Address);
                break;
            default:
                break;
        }
    }

    public void ShardsStarted(IReadOnlyList<IActorRef> shards) => _started.TrySetResult(shards);

    public void BecameReady() => _ready.TrySetResult();

    /// <summary>Whether the node is joined and synced and all its shards work.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully && !_stopped.Task.IsCompleted && Volatile.Read(ref _shardsDown) == 0;

    public void ShardStaysDown(int shard)
    {
        Interlocked.Increment(ref _shardsDown);
        Metrics.ShardStaysDown(shard);
    }

    /// <summary>Calls back when the node stops, at once if it has, until what it returns is disposed: so that nobody waits for a dead actor.</summary>
    public CancellationTokenRegistration WhenStopped(Action<Exception> callback) =>
        _ending.Token.Register(() => callback(_fault!()));

    /// <summary>
    /// The first report counts: a supervisor that crashed says why, and the instance that Akka puts in its place, only to stop, knows nothing of it.
    /// Called by the supervisor alone.
    /// </summary>
    /// <param name="newFault">Null if it was asked to. Each caller is thrown one of its own, for an exception that is thrown again collects stack traces.</param>
    public void HasStopped(Func<TrackerStoppedException>? newFault)
    {
        if (_stopped.Task.IsCompleted)
        {
            return;
        }

        HasFailed = newFault is not null;
        _fault = newFault ?? (() => new TrackerStoppedException("it was asked to"));
        var fault = _fault();
        _started.TrySetException(fault);
        _ready.TrySetException(fault);

        // Whoever awaits one of these is told; that nobody does is no fault of the process.
        _ = _started.Task.Exception;
        _ = _ready.Task.Exception;
        _stopped.TrySetResult(fault.Reason);
        _ending.Cancel();
        Metrics.Dispose();
    }
}
