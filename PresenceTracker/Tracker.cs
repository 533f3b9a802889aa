using System.Collections.Immutable;
using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Leases;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Reading;
using PresenceTracker.Subscriptions;

namespace PresenceTracker;

/// <summary>
/// This node's window on who is where in the whole cluster. Thread-safe. Reads are answered at once from this node's memory, on the caller's
/// thread; writes are accepted by this node and spread to the others within milliseconds.
/// </summary>
public sealed class Tracker
{
    private readonly NodeRuntime _runtime;
    private readonly IActorRef _supervisor;
    private readonly ShardCalls _shards;
    private readonly LeaseForwarding _leases;
    private readonly RequestCheck _check;

    internal Tracker(NodeRuntime runtime, IActorRef supervisor)
    {
        _runtime = runtime;
        _supervisor = supervisor;
        _shards = new ShardCalls(runtime);
        _leases = new LeaseForwarding(runtime);
        _check = new RequestCheck(runtime.Settings);
    }

    /// <summary>
    /// Completes once this node has joined its cluster and holds everything that the others hold; reads before that may miss some. Fails with
    /// <see cref="TrackerStoppedException"/> if the node stops before: with <see cref="ClusterMismatchException"/> if the cluster has another
    /// name, shard count or protocol version, with <see cref="AddressTakenException"/> if another process advertises this node's address.
    /// </summary>
    public Task Ready => _runtime.Ready;

    /// <summary>Whether <see cref="Ready"/> has completed, the node has not stopped since, and all its shards work.</summary>
    public bool IsReady => _runtime.IsReady;

    /// <summary>
    /// Completes with the reason when this node's tracker has stopped, by <see cref="LeaveAsync"/> or by a fault. Every call after that fails
    /// with the exception that <see cref="Ready"/> would.
    /// </summary>
    public Task<string> Stopped => _runtime.Stopped;

    /// <summary>Whether the node has stopped otherwise than by being asked to.</summary>
    internal bool HasFailed => _runtime.HasFailed;

    /// <summary>What this node runs with: its limits, its cluster, its seeds.</summary>
    public PresenceSettings Settings => _runtime.Settings;

    /// <summary>This node.</summary>
    public NodeId Self => _runtime.Directory.Self;

    /// <summary>Every node that this one knows and has not removed, itself first.</summary>
    public IReadOnlyList<NodeStatus> Nodes => NodeStatuses.Of(_runtime);

    /// <summary>Everybody in a topic. O(1): the view is a snapshot that later changes do not touch.</summary>
    public TopicView List(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        return _runtime.ViewOf(topic).Topic(topic);
    }

    /// <summary>The presences of one key in a topic; empty if it is not there.</summary>
    public KeyPresences GetByKey(string topic, string key) => List(topic).GetByKey(key);

    /// <summary>Everybody in a topic, with metas read as <typeparamref name="TMeta"/> while they are enumerated.</summary>
    /// <exception cref="System.Text.Json.JsonException">When enumerating: a meta does not fit the type.</exception>
    public IEnumerable<Presence<TMeta>> List<TMeta>(string topic) =>
        List(topic).Select(presence => new Presence<TMeta>(presence, presence.Meta.As<TMeta>()!));

    /// <summary>The presences of one key in a topic, with metas read as <typeparamref name="TMeta"/> while they are enumerated.</summary>
    /// <exception cref="System.Text.Json.JsonException">When enumerating: a meta does not fit the type.</exception>
    public IEnumerable<Presence<TMeta>> GetByKey<TMeta>(string topic, string key) =>
        GetByKey(topic, key).Select(presence => new Presence<TMeta>(presence, presence.Meta.As<TMeta>()!));

    /// <summary>How many keys and how many presences a topic has. O(1).</summary>
    public TopicCount Count(string topic)
    {
        var view = List(topic);
        return new TopicCount(view.KeyCount, view.MetaCount);
    }

    /// <summary>The topics in which a key is present, in ordinal order.</summary>
    public IReadOnlyList<string> TopicsOf(string key)
    {
        var topics = ImmutableSortedSet<string>.Empty;
        foreach (var view in _runtime.Views)
        {
            // Most keys are in topics of one shard: what that has published is the answer.
            var ofShard = view.TopicsOf(key);
            topics = topics.IsEmpty ? ofShard : ofShard.IsEmpty ? topics : ofShard.Union(topics);
        }

        return topics;
    }

    /// <summary>Whether a key is present in any topic.</summary>
    public bool IsOnline(string key) => _runtime.Views.Any(view => view.IsPresent(key));

    /// <summary>Which of the keys are present in any topic.</summary>
    public IReadOnlyDictionary<string, bool> IsOnline(IEnumerable<string> keys) =>
        keys.Distinct(StringComparer.Ordinal).ToDictionary(key => key, IsOnline, StringComparer.Ordinal);

    /// <summary>
    /// Lists a key in a topic for as long as its owner lives. A lease that another node holds is renewed there; if that node is not up or does not
    /// answer within 1 s, this node takes the lease over, and readers see this presence join and the other leave as
    /// <see cref="LeaveReason.Replaced"/>, or as their node goes.
    /// </summary>
    /// <param name="leaveGrace">
    /// How long the presence stays listed after its connection broke or its node went. Default: <c>presence.leave-grace</c> for connections,
    /// else none.
    /// </param>
    /// <param name="cancellationToken">Ends the wait, not the request: the presence may be tracked all the same, and ends with its owner.</param>
    /// <returns>
    /// <see cref="TrackStatus.Tracked"/>, or <see cref="TrackStatus.AlreadyTracked"/> if the owner tracks the key in the topic already;
    /// a lease is renewed by either.
    /// </returns>
    /// <exception cref="LimitExceededException">
    /// Topic, key, owner or meta is too long, or too many calls wait for other nodes or for a shard that starts anew.
    /// </exception>
    public Task<TrackResult> TrackAsync(
        string topic, string key, Owner owner, Meta? meta = null, TimeSpan? leaveGrace = null, CancellationToken cancellationToken = default) =>
        TrackAsync(topic, key, owner, meta, leaveGrace, orUpdate: false, cancellationToken);

    /// <summary>As the other overload, with the meta made of an object by JSON serialization.</summary>
    /// <exception cref="InvalidMetaException">The value does not serialize to a JSON object that can be a meta.</exception>
    public Task<TrackResult> TrackAsync<TMeta>(
        string topic, string key, Owner owner, TMeta meta, TimeSpan? leaveGrace = null, CancellationToken cancellationToken = default) =>
        TrackAsync(topic, key, owner, Metas.From(meta, nameof(meta)), leaveGrace, cancellationToken);

    /// <summary>Lists a key in a topic, or gives the presence that the owner has there already another meta.</summary>
    /// <inheritdoc cref="TrackAsync(string, string, Owner, Meta?, TimeSpan?, CancellationToken)"/>
    public Task<TrackResult> TrackOrUpdateAsync(
        string topic, string key, Owner owner, Meta? meta = null, TimeSpan? leaveGrace = null, CancellationToken cancellationToken = default) =>
        TrackAsync(topic, key, owner, meta, leaveGrace, orUpdate: true, cancellationToken);

    /// <inheritdoc cref="TrackOrUpdateAsync(string, string, Owner, Meta?, TimeSpan?, CancellationToken)"/>
    public Task<TrackResult> TrackOrUpdateAsync<TMeta>(
        string topic, string key, Owner owner, TMeta meta, TimeSpan? leaveGrace = null, CancellationToken cancellationToken = default) =>
        TrackOrUpdateAsync(topic, key, owner, Metas.From(meta, nameof(meta)), leaveGrace, cancellationToken);

    /// <summary>
    /// Tracks several presences; those of one topic appear in one diff. Nothing is tracked if any of them is refused. Leases that other nodes hold
    /// are renewed there first.
    /// </summary>
    /// <returns>The results in the order of the requests.</returns>
    /// <exception cref="LimitExceededException">
    /// Any topic, key, owner or meta is too long; or too many calls wait for other nodes or for a shard that starts anew, and then some leases may
    /// have been renewed, and what is in other shards tracked.
    /// </exception>
    public Task<IReadOnlyList<TrackResult>> TrackManyAsync(
        IReadOnlyCollection<TrackRequest> requests, CancellationToken cancellationToken = default) =>
        TrackManyAsync(requests, orUpdate: false, cancellationToken);

    /// <summary>
    /// Tracks several presences, or gives those that their owner has there already another meta; what changes in one topic is one diff. Nothing
    /// is changed if any of them is refused.
    /// </summary>
    /// <inheritdoc cref="TrackManyAsync(IReadOnlyCollection{TrackRequest}, CancellationToken)"/>
    public Task<IReadOnlyList<TrackResult>> TrackOrUpdateManyAsync(
        IReadOnlyCollection<TrackRequest> requests, CancellationToken cancellationToken = default) =>
        TrackManyAsync(requests, orUpdate: true, cancellationToken);

    /// <summary>Gives a presence another meta. A structurally equal one changes nothing and tells nobody.</summary>
    /// <returns><see cref="TrackStatus.Updated"/>, <see cref="TrackStatus.Unchanged"/> or <see cref="TrackStatus.NotTracked"/>.</returns>
    /// <exception cref="LimitExceededException">The meta is too long, or too many calls wait for a shard that starts anew.</exception>
    public async Task<TrackResult> UpdateAsync(string topic, string key, Owner owner, Meta meta, CancellationToken cancellationToken = default)
    {
        var id = _check.Id(topic, key, owner);
        Settings.CheckMeta(meta);
        return await _shards.TellAsync<TrackResult>(
            topic, completion => new ShardCommand.Update(id, meta, ExpectedRef: null, completion), cancellationToken);
    }

    /// <inheritdoc cref="UpdateAsync(string, string, Owner, Meta, CancellationToken)"/>
    public Task<TrackResult> UpdateAsync<TMeta>(string topic, string key, Owner owner, TMeta meta, CancellationToken cancellationToken = default) =>
        UpdateAsync(topic, key, owner, Metas.From(meta, nameof(meta)), cancellationToken);

    /// <summary>
    /// Gives a presence the meta that a function makes of the present one. The function runs on the caller's thread, and again if the
    /// presence was changed meanwhile.
    /// </summary>
    /// <inheritdoc cref="UpdateAsync(string, string, Owner, Meta, CancellationToken)"/>
    public async Task<TrackResult> UpdateAsync(
        string topic, string key, Owner owner, Func<Meta, Meta> update, CancellationToken cancellationToken = default)
    {
        var id = _check.Id(topic, key, owner);
        while (true)
        {
            var self = Self;
            var presence = GetByKey(topic, key).FirstOrDefault(presence => presence.Owner == id.Owner && presence.Node.Address == self.Address);
            if (presence is null)
            {
                return new TrackResult(TrackStatus.NotTracked, null);
            }

            var meta = update(presence.Meta);
            Settings.CheckMeta(meta);
            var result = await _shards.TellAsync<TrackResult>(
                topic, completion => new ShardCommand.Update(id, meta, presence.Ref, completion), cancellationToken);
            if (result.Status != TrackStatus.Conflict)
            {
                return result;
            }
        }
    }

    /// <summary>Ends a presence at once, whatever its leave grace.</summary>
    /// <remarks>A lease is ended on whichever node holds it.</remarks>
    /// <returns>
    /// <see cref="TrackStatus.Untracked"/>, <see cref="TrackStatus.NotTracked"/>, or <see cref="TrackStatus.Unanswered"/> if the node that holds
    /// the lease did not answer within 1 s.
    /// </returns>
    /// <exception cref="LimitExceededException">
    /// Topic, key or owner is too long, or too many calls wait for other nodes or for a shard that starts anew.
    /// </exception>
    public async Task<TrackResult> UntrackAsync(string topic, string key, Owner owner, CancellationToken cancellationToken = default)
    {
        var id = _check.Id(topic, key, owner);
        var here = _shards.TellAsync<TrackResult>(
            topic, completion => new ShardCommand.Untrack(id, RemovalCause.Untracked, completion), cancellationToken);
        var elsewhere = _leases.EndAsync([id], cancellationToken);
        await Task.WhenAll(here, elsewhere);
        return LeaseForwarding.Combine(await here, (await elsewhere)[0]);
    }

    /// <summary>
    /// Ends everything that an owner has on this node, and what calls that were cancelled have yet to track for it; a lease of that name on other
    /// nodes goes on. Costs what the owner has and a message to each shard, however much else there is.
    /// </summary>
    /// <returns>How many presences that were.</returns>
    public async Task<int> UntrackAsync(Owner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return await _shards.UntrackOwnerAsync(owner, cancellationToken);
    }

    /// <summary>Ends several presences; those of one topic leave in one diff.</summary>
    /// <returns>The results in the order of the presences.</returns>
    public async Task<IReadOnlyList<TrackResult>> UntrackManyAsync(
        IReadOnlyCollection<(string Topic, string Key, Owner Owner)> presences, CancellationToken cancellationToken = default)
    {
        var ids = presences.Select(presence => _check.Id(presence.Topic, presence.Key, presence.Owner)).ToList();
        var here = _shards.TellManyAsync(
            ids, id => id.Topic,
            (batch, completion) => new ShardCommand.UntrackMany(batch, RemovalCause.Untracked, EndsLeases: true, completion), cancellationToken);
        var elsewhere = _leases.EndAsync(ids, cancellationToken);
        await Task.WhenAll(here, elsewhere);
        return [.. (await here).Zip(await elsewhere, LeaseForwarding.Combine)];
    }

    /// <summary>
    /// A connection broke: its presences leave after their grace, unless their key comes back before. Returns at once; readers see it soon.
    /// </summary>
    /// <remarks>
    /// Tell it after the connection's own calls have completed, failed or been cancelled: what a cancelled one has yet to track leaves as well, but
    /// what is asked for a connection later counts as asked by a live one.
    /// </remarks>
    public void ConnectionLost(string connectionId)
    {
        ArgumentNullException.ThrowIfNull(connectionId);
        _shards.ConnectionLost(connectionId);
    }

    /// <summary>Everybody in a topic now, and every change after that.</summary>
    /// <exception cref="ShardUnavailableException">
    /// The shard of the topic crashed before it answered, or stays down after repeated crashes.
    /// </exception>
    public async Task<Subscription> SubscribeAsync(string topic, CancellationToken cancellationToken = default)
    {
        Settings.CheckTopic(topic);
        var shard = await _shards.OfAsync(topic, cancellationToken);
        var subscription = new Subscription(topic, _runtime, shard);
        await BeginAsync(subscription, cancellationToken);
        return subscription;
    }

    /// <summary>
    /// Which of the keys are online now, in any topic, and every change of that: a friends list. Costs what changes of these keys, however much
    /// else does.
    /// </summary>
    /// <exception cref="LimitExceededException">A key is none, or too long.</exception>
    /// <exception cref="ShardUnavailableException">A shard stays down after repeated crashes, so that nobody knows all topics any more.</exception>
    public async Task<KeySubscription> SubscribeKeysAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        var distinct = keys.ToImmutableSortedSet(StringComparer.Ordinal);
        foreach (var key in distinct)
        {
            Settings.CheckKey(key);
        }

        await _shards.AllAsync(cancellationToken);
        var subscription = new KeySubscription(distinct, _runtime);
        await BeginAsync(subscription, cancellationToken);
        return subscription;
    }

    /// <summary>All topics of a shard.</summary>
    /// <exception cref="ShardUnavailableException">The shard crashed before it answered, or stays down after repeated crashes.</exception>
    internal async Task<ShardSubscription> SubscribeShardAsync(int shard, CancellationToken cancellationToken)
    {
        var shards = await _shards.AllAsync(cancellationToken);
        var subscription = new ShardSubscription(shard, _runtime, shards[shard]);
        await BeginAsync(subscription, cancellationToken);
        return subscription;
    }

    /// <summary>
    /// Leaves the cluster: the others drop this node's presences at once, with the reason <see cref="LeaveReason.NodeLeft"/>, and the tracker
    /// of this node stops.
    /// </summary>
    public async Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _supervisor.Tell(new MembershipInput.LeaveRequested(), ActorRefs.NoSender);
        await Stopped.WaitAsync(cancellationToken);
    }

    private static async Task BeginAsync<TState, TDiff>(Subscription<TState, TDiff> subscription, CancellationToken cancellationToken)
        where TState : class
        where TDiff : class
    {
        subscription.Request();
        try
        {
            await subscription.First.WaitAsync(cancellationToken);
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    private async Task<TrackResult> TrackAsync(
        string topic, string key, Owner owner, Meta? meta, TimeSpan? leaveGrace, bool orUpdate, CancellationToken cancellationToken)
    {
        var request = _check.Complete(new TrackRequest(topic, key, owner, meta ?? Meta.Empty, leaveGrace));
        return await _leases.RenewAsync(request, orUpdate, cancellationToken)
            ?? await _shards.TellAsync<TrackResult>(
                topic,
                completion => new ShardCommand.Track(
                    new PresenceId(topic, key, owner.Id), owner, request.Meta, request.LeaveGrace!.Value, orUpdate, completion),
                cancellationToken);
    }

    private async Task<IReadOnlyList<TrackResult>> TrackManyAsync(
        IReadOnlyCollection<TrackRequest> requests, bool orUpdate, CancellationToken cancellationToken)
    {
        var complete = requests.Select(_check.Complete).ToList();
        var renewed = await _leases.RenewAsync(complete, orUpdate, cancellationToken);
        var rest = complete.Where((_, index) => renewed[index] is null).ToList();
        var tracked = await _shards.TellManyAsync(
            rest, request => request.Topic, (batch, completion) => new ShardCommand.TrackMany(batch, orUpdate, completion), cancellationToken);
        var next = 0;
        return [.. renewed.Select(result => result ?? tracked[next++])];
    }
}
