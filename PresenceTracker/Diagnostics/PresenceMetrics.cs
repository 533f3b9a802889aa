using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Discovery;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Subscriptions;
using PresenceTracker.Wire;

namespace PresenceTracker.Diagnostics;

/// <summary>
/// Everything that the tracker measures, under the meter <c>PresenceTracker</c>. Thread-safe. What is observed is read from what the parts of
/// the node have published, when somebody asks.
/// </summary>
internal sealed class PresenceMetrics : IDisposable
{
    public const string MeterName = "PresenceTracker";

    // What a stranger calls itself must not become a series: it can call itself anything.
    private const string Stranger = "unknown";

    private static readonly LeaveReason[] Reasons = Enum.GetValues<LeaveReason>();

    private readonly NodeRuntime _runtime;
    private readonly Meter _meter;
    private readonly KeyValuePair<string, object?> _node;
    private readonly ConcurrentDictionary<IReaderQueue, int> _subscriptions = new();
    private readonly Counter<long> _gossipSent;
    private readonly Counter<long> _gossipReceived;
    private readonly Counter<long> _membershipSent;
    private readonly Counter<long> _membershipReceived;
    private readonly Counter<long> _overlaySent;
    private readonly Counter<long> _overlayReceived;
    private readonly Counter<long> _dots;
    private readonly Counter<long> _entries;
    private readonly Counter<long> _violations;
    private readonly Counter<long> _leases;
    private readonly Counter<long> _discoveryFaults;
    private readonly Counter<long> _endsForgotten;
    private readonly Counter<long> _lagged;
    private readonly Counter<long> _shardsDown;
    private int _removedNodes;
    private int _neighbors;

    public PresenceMetrics(NodeRuntime runtime)
    {
        _runtime = runtime;
        _node = Tag("node", runtime.StartedAs.Address);

        // Tells the nodes of one process apart.
        _meter = new Meter(new MeterOptions(MeterName) { Tags = [_node] });
        ObserveReadable();
        ObserveSubscriptions();
        ObservePeers();
        ObserveTraffic();
        _gossipSent = _meter.CreateCounter<long>("presence.gossip.sent", "{message}", "Gossip messages sent, by kind and peer.");
        _gossipReceived = _meter.CreateCounter<long>("presence.gossip.received", "{message}", "Gossip messages received, by kind and peer.");
        _membershipSent = _meter.CreateCounter<long>("presence.membership.sent", "{message}", "Membership messages sent, by kind.");
        _membershipReceived = _meter.CreateCounter<long>(
            "presence.membership.received", "{message}", "Membership messages received, by kind.");
        _overlaySent = _meter.CreateCounter<long>("presence.overlay.sent", "{message}", "Messages of the overlay and its broadcasts sent, by kind.");
        _overlayReceived = _meter.CreateCounter<long>(
            "presence.overlay.received", "{message}", "Messages of the overlay and its broadcasts received, by kind.");
        _dots = _meter.CreateCounter<long>("presence.dots.messages", "{message}", "Messages of dots handed to shards, by what came of them.");
        _entries = _meter.CreateCounter<long>("presence.dots.entries", "{presence}", "Presences in messages of dots handed to shards.");
        _violations = _meter.CreateCounter<long>("presence.violations", "{message}", "Messages that no correct peer sends, by kind.");
        _leases = _meter.CreateCounter<long>(
            "presence.leases.forwarded", "{request}", "Requests about leases that other nodes hold, by what came of them.");
        _discoveryFaults = _meter.CreateCounter<long>(
            "presence.discovery.faults", "{fault}", "What was to tell of nodes and is of no use: names, lines and datagrams, by kind.");
        _endsForgotten = _meter.CreateCounter<long>(
            "presence.leases.ends.forgotten", "{lease}", "Ends of leases that are not remembered any more, for too many came, should a holder return.");
        _lagged = _meter.CreateCounter<long>(
            "presence.subscriptions.lagged", "{subscription}", "How often a subscriber's queue was full, so that it was resynchronised.");
        _shardsDown = _meter.CreateCounter<long>("presence.shards.down", "{shard}", "Shards that stay down after repeated crashes.");
    }

    public void GossipSent(NodeId to, GossipMessage message) => _gossipSent.Add(1, Kind(message), Tag("peer", to.Address));

    public void GossipReceived(NodeId from, GossipMessage message) => _gossipReceived.Add(1, Kind(message), Peer(from));

    public void MembershipSent(MembershipMessage message) => _membershipSent.Add(1, Kind(message));

    public void MembershipReceived(MembershipMessage message) => _membershipReceived.Add(1, Kind(message));

    public void OverlaySent(object message) => _overlaySent.Add(1, Kind(message));

    public void OverlayReceived(object message) => _overlayReceived.Add(1, Kind(message));

    public void OverlayViolated(string violation, NodeId from) => _violations.Add(1, Tag("kind", violation), Peer(from));

    /// <summary>So many neighbours the node speaks to alone; none if it speaks to all.</summary>
    public void Neighbors(int count) => Volatile.Write(ref _neighbors, count);

    public void DotsDelivered(ApplyVerdict verdict, int entryCount)
    {
        _dots.Add(1, Tag("verdict", verdict.ToString()));
        _entries.Add(entryCount);
    }

    public void GossipViolated(GossipViolation violation, NodeId from) =>
        _violations.Add(1, Tag("kind", violation.ToString()), Peer(from));

    public void LeaseViolated(LeaseViolation violation, NodeId from) =>
        _violations.Add(1, new KeyValuePair<string, object?>("kind", violation.ToString()), Peer(from));

    public void LeaseForwarded(LeaseOutcome outcome) =>
        _leases.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void LeaseEndsForgotten(int count) => _endsForgotten.Add(count);

    public void MembershipViolated(MembershipViolation violation) =>
        _violations.Add(1, Tag("kind", violation.Kind.ToString()), Tag("peer", violation.Address is { } address && _runtime.Directory.Knows(address) ? address : Stranger));

    public void DiscoveryFailed(DiscoverySource source, DiscoveryFault fault) =>
        _discoveryFaults.Add(fault.Count, Tag("source", source.ToString()), Tag("kind", fault.Kind.ToString()));

    /// <summary>So many removed nodes are remembered.</summary>
    public void RemovedNodes(int count) => Volatile.Write(ref _removedNodes, count);

    /// <summary>Also each time that it has been resynchronised: one that lags stays open.</summary>
    public void SubscriptionBegan(IReaderQueue subscription) => _subscriptions[subscription] = 0;

    public void SubscriptionEnded(IReaderQueue subscription) => _subscriptions.TryRemove(subscription, out _);

    public void SubscriberLagged() => _lagged.Add(1);

    public void ShardStaysDown(int shard) => _shardsDown.Add(1, Tag("shard", shard));

    /// <summary>Measures how many messages at the node port were refused as malformed.</summary>
    public void Observe(PresenceSerializer serializer) => _meter.CreateObservableCounter(
        "presence.wire.refused", () => serializer.Refused, "{message}", "Messages at the node port that were refused as malformed.");

    public void Dispose() => _meter.Dispose();

    private void ObserveReadable()
    {
        _meter.CreateObservableGauge(
            "presence.presences", () => Of(_runtime.Views.Sum(view => view.PresenceCount)), "{presence}",
            "Presences that this node lists, its own and others'.");
        _meter.CreateObservableGauge(
            "presence.topics", () => Of(_runtime.Views.Sum(view => (long)view.TopicCount)), "{topic}", "Topics with at least one presence.");
        _meter.CreateObservableCounter(
            "presence.changes", Changes, "{change}", "Joins, updates and leaves that this node has shown its readers, leaves by reason.");
        _meter.CreateObservableGauge(
            "presence.nodes",
            () => _runtime.Directory.Nodes.CountBy(entry => entry.State)
                .Select(state => Of(state.Value, Tag("state", state.Key.ToString())))
                .Append(Of(Volatile.Read(ref _removedNodes), Tag("state", nameof(MemberState.Removed)))),
            "{node}", "Other nodes, by their state in this node's eyes.");
        _meter.CreateObservableGauge(
            "presence.shards.queued", MailboxSizes, "{message}", "Messages that wait in the mailbox of a shard.");
    }

    private void ObserveSubscriptions()
    {
        _meter.CreateObservableGauge(
            "presence.subscriptions", () => Of(_subscriptions.Count), "{subscription}", "Open subscriptions.");
        _meter.CreateObservableGauge(
            "presence.subscriptions.queued", () => Of(Queued().Sum()), "{diff}", "Diffs that wait for subscribers to read them.");
        _meter.CreateObservableGauge(
            "presence.subscriptions.queued.max", () => Of(Queued().DefaultIfEmpty().Max()), "{diff}",
            "Diffs that wait for the subscriber with the longest queue.");
    }

    private void ObservePeers()
    {
        _meter.CreateObservableCounter("presence.gossip.rounds", () => Of(_runtime.Gossip.Rounds), "{round}", "Digest rounds begun.");
        _meter.CreateObservableGauge(
            "presence.overlay.neighbors", () => Of(Volatile.Read(ref _neighbors)), "{node}",
            "Neighbours that changes and probes go to; 0 while they go to every node.");
        _meter.CreateObservableGauge(
            "presence.peers.blocked", () => Of(_runtime.Gossip.Peers.Count(peer => peer.IsBlocked)), "{node}",
            "Peers that get no pushes until they have acknowledged earlier ones.");
        _meter.CreateObservableGauge(
            "presence.pushes.unacknowledged", () => PerPeer(peer => peer.UnacknowledgedPushes), "{message}",
            "Pushes that a peer has not acknowledged.");
        _meter.CreateObservableGauge(
            "presence.pushes.unacknowledged.bytes", () => PerPeer(peer => peer.UnacknowledgedBytes), "By",
            "The estimated bytes of pushes that a peer has not acknowledged.");
        _meter.CreateObservableGauge(
            "presence.lag.operations", () => PerPeer(peer => (long)peer.Lag), "{operation}",
            "Operations of a peer that this node has heard of and not applied yet.");
        _meter.CreateObservableGauge(
            "presence.lag.time", () => PerPeer(peer => peer.Behind.TotalSeconds), "s",
            "For how long the first of a peer's operations that this node lacks has been missing.");
    }

    private void ObserveTraffic()
    {
        _meter.CreateObservableCounter(
            "presence.messages.sent", () => Traffic(peer => peer.Sent.Messages), "{message}", "Messages sent to a peer.");
        _meter.CreateObservableCounter(
            "presence.messages.received", () => Traffic(peer => peer.Received.Messages), "{message}", "Messages received from a peer.");
        _meter.CreateObservableCounter("presence.bytes.sent", () => Traffic(peer => peer.Sent.Bytes), "By", "Encoded bytes sent to a peer.");
        _meter.CreateObservableCounter(
            "presence.bytes.received", () => Traffic(peer => peer.Received.Bytes), "By", "Encoded bytes received from a peer.");
    }

    private IEnumerable<Measurement<long>> Changes() =>
    [
        Of(_runtime.Views.Sum(view => view.Changes.Joined), Tag("change", nameof(PresenceEventKind.Joined))),
        Of(_runtime.Views.Sum(view => view.Changes.Updated), Tag("change", nameof(PresenceEventKind.Updated))),
        .. Reasons.Select(reason => Of(
            _runtime.Views.Sum(view => view.Changes.Left(reason)),
            Tag("change", nameof(PresenceEventKind.Left)), Tag("reason", reason.ToString()))),
    ];

    private IEnumerable<Measurement<int>> MailboxSizes() =>
        !_runtime.Shards.IsCompletedSuccessfully
            ? []
            : _runtime.Shards.Result.OfType<ActorRefWithCell>().Select((shard, index) =>
                Of(shard.Underlying.NumberOfMessages, Tag("shard", index)));

    private IEnumerable<int> Queued() => _subscriptions.Select(entry => entry.Key.Queued);

    private IEnumerable<Measurement<T>> PerPeer<T>(Func<PeerProgress, T> value)
        where T : struct =>
        _runtime.Gossip.Peers.Select(peer => Of(value(peer), Tag("peer", peer.Peer.Address)));

    private IEnumerable<Measurement<long>> Traffic(Func<PeerTraffic, long> value) =>
        _runtime.Traffic.Peers.Append(new(Stranger, _runtime.Traffic.Strangers))
            .Select(peer => Of(value(peer.Value), Tag("peer", peer.Key)));

    private Measurement<T> Of<T>(T value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
        where T : struct =>
        new(value, [_node, .. tags]);

    private KeyValuePair<string, object?> Peer(NodeId node) => Tag("peer", _runtime.Directory.Knows(node) ? node.Address : Stranger);

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);

    private static KeyValuePair<string, object?> Kind(object message) => Tag("kind", message.GetType().Name);
}
