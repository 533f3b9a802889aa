using System.Diagnostics.Metrics;
using PresenceTracker.Actors;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Wire;

namespace PresenceTracker.Diagnostics;

/// <summary>Everything that the tracker measures, under the meter <c>PresenceTracker</c>. Thread-safe.</summary>
internal sealed class PresenceMetrics : IDisposable
{
    public const string MeterName = "PresenceTracker";

    // What a stranger calls itself must not become a series: it can call itself anything.
    private const string Stranger = "unknown";

    private readonly NodeRuntime _runtime;
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _gossipSent;
    private readonly Counter<long> _gossipReceived;
    private readonly Counter<long> _membershipSent;
    private readonly Counter<long> _membershipReceived;
    private readonly Counter<long> _dots;
    private readonly Counter<long> _entries;
    private readonly Counter<long> _violations;
    private readonly Counter<long> _lagged;
    private readonly Counter<long> _shardsDown;
    private int _subscriptionCount;

    public PresenceMetrics(NodeRuntime runtime)
    {
        _runtime = runtime;
        var node = new KeyValuePair<string, object?>("node", runtime.StartedAs.Address);
        _meter.CreateObservableGauge(
            "presence.presences", () => new Measurement<long>(runtime.Views.Sum(view => view.PresenceCount), node), "{presence}",
            "Presences that this node lists, its own and others'.");
        _meter.CreateObservableGauge(
            "presence.topics", () => new Measurement<long>(runtime.Views.Sum(view => view.TopicCount), node), "{topic}",
            "Topics with at least one presence.");
        _meter.CreateObservableGauge(
            "presence.nodes",
            () => runtime.Directory.Nodes.CountBy(entry => entry.State).Select(state =>
                new Measurement<long>(state.Value, node, new("state", state.Key.ToString()))),
            "{node}", "Other nodes, by their state in this node's eyes.");
        _meter.CreateObservableGauge(
            "presence.subscriptions", () => new Measurement<long>(Volatile.Read(ref _subscriptionCount), node), "{subscription}",
            "Open subscriptions.");
        _gossipSent = _meter.CreateCounter<long>("presence.gossip.sent", "{message}", "Gossip messages sent, by kind and peer.");
        _gossipReceived = _meter.CreateCounter<long>("presence.gossip.received", "{message}", "Gossip messages received, by kind and peer.");
        _membershipSent = _meter.CreateCounter<long>("presence.membership.sent", "{message}", "Membership messages sent, by kind.");
        _membershipReceived = _meter.CreateCounter<long>(
            "presence.membership.received", "{message}", "Membership messages received, by kind.");
        _dots = _meter.CreateCounter<long>("presence.dots.messages", "{message}", "Messages of dots handed to shards, by what came of them.");
        _entries = _meter.CreateCounter<long>("presence.dots.entries", "{presence}", "Presences in messages of dots handed to shards.");
        _violations = _meter.CreateCounter<long>("presence.violations", "{message}", "Messages that no correct peer sends, by kind.");
        _lagged = _meter.CreateCounter<long>(
            "presence.subscriptions.lagged", "{subscription}", "How often a subscriber's queue was full, so that it was resynchronised.");
        _shardsDown = _meter.CreateCounter<long>("presence.shards.down", "{shard}", "Shards that stay down after repeated crashes.");
    }

    public void GossipSent(NodeId to, GossipMessage message) => _gossipSent.Add(1, Kind(message), new("peer", to.Address));

    public void GossipReceived(NodeId from, GossipMessage message) => _gossipReceived.Add(1, Kind(message), Peer(from));

    public void MembershipSent(MembershipMessage message) => _membershipSent.Add(1, Kind(message));

    public void MembershipReceived(MembershipMessage message) => _membershipReceived.Add(1, Kind(message));

    public void DotsDelivered(ApplyVerdict verdict, int entryCount)
    {
        _dots.Add(1, new KeyValuePair<string, object?>("verdict", verdict.ToString()));
        _entries.Add(entryCount);
    }

    public void GossipViolated(GossipViolation violation, NodeId from) =>
        _violations.Add(1, new KeyValuePair<string, object?>("kind", violation.ToString()), Peer(from));

    public void MembershipViolated(MembershipViolation violation) =>
        _violations.Add(1, new KeyValuePair<string, object?>("kind", violation.Kind.ToString()), new("peer", violation.Address is { } address && _runtime.Directory.Knows(address) ? address : Stranger));

    public void SubscriptionBegan() => Interlocked.Increment(ref _subscriptionCount);

    public void SubscriptionEnded() => Interlocked.Decrement(ref _subscriptionCount);

    public void SubscriberLagged() => _lagged.Add(1);

    public void ShardStaysDown(int shard) => _shardsDown.Add(1, new KeyValuePair<string, object?>("shard", shard));

    /// <summary>Measures how many messages at the node port were refused as malformed.</summary>
    public void Observe(PresenceSerializer serializer) => _meter.CreateObservableCounter(
        "presence.wire.refused", () => serializer.Refused, "{message}", "Messages at the node port that were refused as malformed.");

    public void Dispose() => _meter.Dispose();

    private KeyValuePair<string, object?> Peer(NodeId node) => new("peer", _runtime.Directory.Knows(node) ? node.Address : Stranger);

    private static KeyValuePair<string, object?> Kind(object message) => new("kind", message.GetType().Name);
}
