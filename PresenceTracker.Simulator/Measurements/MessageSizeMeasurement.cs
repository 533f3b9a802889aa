using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>The largest messages that there are, at ten times the largest state that is aimed at.</summary>
internal sealed class MessageSizeMeasurement : Measurement
{
    private const int MessageBytesMax = 64 * 1024;
    private const int Presences = 1_000_000;
    private const int Peers = 10_000;

    // One that is as large as the limits allow comes among so many small ones.
    private const int LargeEvery = 100;

    private static readonly NodeId Self = Node("writer.presence.svc.cluster.local:4053", 1);
    private static readonly Meta Small = Meta.TryParse("""{"status":"online"}""", out _)!;
    private static readonly Meta Large = Meta.TryParse("{\"text\":\"" + new string('x', 4_096 - 11) + "\"}", out _)!;

    public override string Name => "message-size";

    public override string Title => "The largest message at ten times the largest state (G20)";

    public override string Method =>
        "One shard tracks a million presences, of which each hundredth is as large as the limits allow (topic 512 bytes, key, owner and ref 256, meta 4 KB): the "
        + "largest of the messages that a joiner pulls, and of those by which they would all be pushed at once. Then the digests of a node that knows "
        + "10,000 nodes of 8 shards, all of which differ.";

    public override MeasurementReport Run(Action<string> progress)
    {
        var set = new PresenceSet(new ReplicaId(Self, 0, 0), new PresenceSetOptions());
        for (var number = 0; number < Presences; number++)
        {
            var isLarge = number % LargeEvery == 0;
            var id = isLarge
                ? new PresenceId(new string('t', 512), $"{number}".PadLeft(256, 'k'), $"lease:{number}".PadRight(256, 'o'))
                : new PresenceId($"room:{number % 1_000}", $"user{number}", $"connection:{number}");
            set.Track(id, isLarge ? $"{number}".PadLeft(256, 'r') : $"{number}", isLarge ? Large : Small, TimeSpan.FromSeconds(3));
            set.CompleteTurn();
        }

        progress("a million presences are tracked");
        var pulled = Pulled(set);
        var pushed = set.OwnOperationsAfter(0).Select(dots => SizeOf(new GossipMessage.Push(ulong.MaxValue, dots))).ToList();
        progress("all of them are pulled and pushed");
        var digests = Digests();
        return new MeasurementReport(
            [
                FigureOf($"largest of {pulled.Count:n0} answers to pulls of 1,000,000 presences", pulled.Max()),
                FigureOf($"largest of {pushed.Count:n0} pushes of 1,000,000 presences", pushed.Max()),
                FigureOf("largest digest of 10,000 nodes", digests.Max()),
            ],
            [],
            []);
    }

    private static Figure FigureOf(string what, int bytes) =>
        new($"G20: {what}", $"{bytes:n0} B", $"≤ {MessageBytesMax:n0} B", "128,000 B (a frame of Akka.Remote)", bytes <= MessageBytesMax);

    private static List<int> Pulled(PresenceSet set)
    {
        var sizes = new List<int>();
        for (var position = new PullPosition(0, 0, 0); position.CoveredTo < set.Context;)
        {
            // As a peer of another history would: its log reaches back to nothing, so it is served chunks.
            var part = set.Serve(set.Self, position, partsMax: 1)[0];
            sizes.Add(SizeOf(new GossipMessage.PullReply(ulong.MaxValue, part.Replica, part, Last: true)));
            position = new PullPosition(0, part.To, part.AsOf);
        }

        return sizes;
    }

    private static List<int> Digests()
    {
        var core = new GossipCore(new GossipOptions(), Self, new Prng(20));
        var effects = new List<GossipEffect>();
        var now = default(MonotonicTime);
        core.Handle(new GossipInput.SeedsPending(0), now, effects);
        core.Handle(new GossipInput.Started(), now, effects);
        var peers = Enumerable.Range(0, Peers).Select(number => Node($"presence-{number}.presence.default.svc.cluster.local:4053", number)).ToList();
        foreach (var peer in peers)
        {
            core.Handle(new GossipInput.PeerUp(peer), now, effects);
            for (var shard = 0; shard < new GossipOptions().ShardCount; shard++)
            {
                core.Handle(new GossipInput.ReplicaAdded(new ReplicaId(peer, shard, 0), new PullPosition(ulong.MaxValue, 0, 0)), now, effects);
            }
        }

        effects.Clear();
        core.Handle(new GossipInput.MessageReceived(peers[0], new GossipMessage.DigestRoot(0, 0, Synced: true)), now, effects);
        var buckets = Sent(effects).OfType<GossipMessage.DigestBuckets>().Single();
        ImmutableArray<ulong> others = [.. buckets.Hashes.Select(hash => ~hash)];
        core.Handle(new GossipInput.MessageReceived(peers[0], buckets with { Hashes = others }), now, effects);
        return [.. Sent(effects).Select(SizeOf)];
    }

    private static IEnumerable<GossipMessage> Sent(List<GossipEffect> effects) =>
        effects.OfType<GossipEffect.SendMessage>().Select(sent => sent.Message);

    private static int SizeOf(GossipMessage message) => MessageSize.Of(Self, message);

    private static NodeId Node(string address, int number) => new(address, new Incarnation(1_700_000_000, (ulong)number));
}
