using System.Collections.Immutable;
using CsCheck;
using PresenceTracker.Protocol.Broadcast;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Overlay;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Wire;

namespace PresenceTracker.Tests.Wire;

/// <summary>Everything that may be on the wire, small and at its limits.</summary>
internal static class WireGen
{
    // Small, of every length as a varint, and the largest.
    public static readonly Gen<ulong> Number =
        Gen.OneOf(Gen.ULong[0, 3], Gen.Int[0, 63].Select(bits => 1UL << bits), Gen.ULong, Gen.Const(ulong.MaxValue));

    public static readonly Gen<string> Address = Gen.OneOf(
        Gen.OneOf("127.0.0.1:4053", "a:1", "presence-0.presence.default.svc.cluster.local:65535", "[::1]:4053", "A_b-c.example:80"),
        Gen.Const(new string('h', WireLimits.AddressBytesMax - 6) + ":65535"));

    public static readonly Gen<NodeId> Node = Gen.Select(Address, Number, Gen.ULong)
        .Select((address, counter, process) => new NodeId(address, new Incarnation(counter, process)));

    public static readonly Gen<Meta> MetaObject = Gen.OneOf(
            Gen.OneOf("{}", """{"name":"Zoë","at":[1,2.5,null],"on":true}""", """{"e":"😀","x":{"y":{}}}"""),
            Gen.Const("{\"long\":\"" + new string('m', WireLimits.MetaBytesMax - 11) + "\"}"))
        .Select(json => Meta.TryParse(json, out _)!);

    private static readonly Gen<ReplicaId> AnyReplica =
        from node in Node
        from shard in Gen.Int[0, WireLimits.ShardsMax - 1]
        from epoch in Gen.OneOf(Gen.Int[0, 2], Gen.Const(int.MaxValue))
        select new ReplicaId(node, shard, epoch);

    private static readonly Gen<NodeRecord> Record =
        from node in Node
        from refutation in Number
        from shards in Gen.Int[0, WireLimits.ShardsMax - 1].Array[0, 20]
        from completeAt in Number
        select new NodeRecord(
            node, refutation, [.. shards.Distinct().Order().Select(shard => new ShardEpoch(shard, shard + 1, completeAt))]);

    private static readonly Gen<MemberUpdate> Update =
        from node in Node
        from refutation in Number
        from kind in Gen.Enum<UpdateKind>()
        from accuser in Address
        select new MemberUpdate(node, refutation, kind, kind == UpdateKind.Suspect ? accuser : null);

    private static readonly Gen<ImmutableArray<MemberUpdate>> Updates =
        Update.Array[0, WireLimits.UpdatesMax].Select(updates => updates.ToImmutableArray());

    private static readonly Gen<int> BucketsPerShard = Gen.Int[0, 10].Select(power => 1 << power);

    public static readonly Gen<GossipEnvelope> Gossip =
        from sender in Node
        from message in MessageOf(sender)
        select new GossipEnvelope(sender, message);

    private static readonly Gen<ulong?> Root = Gen.OneOf(Number.Select(root => (ulong?)root), Gen.Const((ulong?)null));

    private static readonly Gen<ImmutableArray<byte>> Proof = Gen.OneOf(
        Gen.Const(default(ImmutableArray<byte>)), Gen.Byte.Array[SharedToken.ProofBytes].Select(proof => proof.ToImmutableArray()));

    public static readonly Gen<MembershipEnvelope> Membership = Gen.Select(
        Address,
        Gen.OneOf(
            Gen.Select(Record, Address, Gen.UInt, Text(255), Gen.Int[0, int.MaxValue], Proof).Select((self, target, version, cluster, shards, proof) =>
                (MembershipMessage)new MembershipMessage.Hello(self, target, version, cluster, shards, proof)),
            Gen.Select(Record, Address, Node.Array[0, 20], Number, Proof).Select((self, target, members, known, proof) =>
                (MembershipMessage)new MembershipMessage.Welcome(self, target, [.. members], known, proof)),
            Gen.Select(Text(255), Text(255), Text(255)).Select((setting, expected, received) =>
                (MembershipMessage)new MembershipMessage.Refused(setting, expected, received)),
            Gen.Select(Number, Record, Updates, Root).Select((token, self, updates, root) =>
                (MembershipMessage)new MembershipMessage.Ping(token, self, updates, root)),
            Gen.Select(Number, Record, Node, Updates).Select((token, self, target, updates) =>
                (MembershipMessage)new MembershipMessage.PingRequest(token, self, target, updates)),
            Gen.Select(Number, Record, Updates, Root, Address.Array[0, WireLimits.NeighborsMax]).Select((token, self, updates, root, neighbors) =>
                (MembershipMessage)new MembershipMessage.Ack(token, self, updates, root, [.. neighbors])),
            Gen.Select(Number, Record, Updates).Select((token, self, updates) =>
                (MembershipMessage)new MembershipMessage.Nack(token, self, updates)),
            Gen.Select(Record, Updates).Select((self, updates) =>
                (MembershipMessage)new MembershipMessage.Announcement(self, updates)),
            Node.Select(node => (MembershipMessage)new MembershipMessage.Leaving(node)),
            Gen.Select(Node, Number).Select((node, refutation) =>
                (MembershipMessage)new MembershipMessage.RemovalNotice(node, refutation))),
        (from, message) => new MembershipEnvelope(from, message));

    private static readonly Gen<string> Ref = Gen.OneOf("F8x2", "r", new string('r', WireLimits.RefBytesMax));

    private static readonly Gen<int> Term = Gen.OneOf(Gen.Int[0, 3], Gen.Const(int.MaxValue));

    // With its prefix, of every length.
    private static readonly Gen<string> LeaseOwner = Text(WireLimits.OwnerBytesMax - 6).Select(name => "lease:" + name);

    private static readonly Gen<MonotonicTime> Time = Gen.OneOf(Gen.Long[0, 3], Gen.Const(long.MaxValue)).Select(ticks => new MonotonicTime(ticks));

    private static readonly Gen<LeaseCall> Call =
        from topic in Name(WireLimits.TopicBytesMax)
        from key in Name(WireLimits.KeyBytesMax)
        from owner in LeaseOwner
        from duration in Gen.OneOf(Gen.Const(0), Gen.Int[1_000, 86_400_000])
        from meta in Gen.Bool.SelectMany(some => some ? MetaObject.Select(meta => (Meta?)meta) : Gen.Const((Meta?)null))
        from since in Gen.OneOf(Gen.Const((MonotonicTime?)null), Time.Select(time => (MonotonicTime?)time))
        select new LeaseCall(new PresenceId(topic, key, owner), TimeSpan.FromMilliseconds(duration), meta, since);

    private static readonly Gen<TrackResult> Result =
        from status in Gen.Enum<TrackStatus>()
        from @ref in Gen.Bool.SelectMany(some => some ? Ref.Select(text => (string?)text) : Gen.Const((string?)null))
        select new TrackResult(status, @ref);

    public static readonly Gen<LeaseEnvelope> Leases = Gen.Select(
        Node,
        Gen.OneOf(
            Gen.Select(Number, Call.Array[0, 12]).Select((token, calls) => (LeaseMessage)new LeaseMessage.LeaseRequest(token, [.. calls])),
            Gen.Select(Number, Gen.OneOf(Result.Array[0, 12], Result.Array[WireLimits.LeaseCallsMax]), Time).Select((token, results, clock) =>
                (LeaseMessage)new LeaseMessage.LeaseAnswer(token, [.. results], clock))),
        (from, message) => new LeaseEnvelope(from, message));

    private static readonly Gen<int> Hops = Gen.OneOf(Gen.Int[0, 9], Gen.Const(WireLimits.HopsMax));

    private static readonly Gen<ImmutableArray<NodeId>> Nodes = Node.Array[0, 20].Select(nodes => nodes.ToImmutableArray());

    public static readonly Gen<OverlayEnvelope> Overlay =
        from sender in Node
        from message in Gen.OneOf(
            Number.Select(token => (OverlayMessage)new OverlayMessage.Join(token)),
            Gen.Select(Node, Hops).Select((newcomer, hops) => (OverlayMessage)new OverlayMessage.ForwardJoin(newcomer, hops)),
            Gen.Select(Number, Gen.Enum<NeighborPriority>()).Select((token, priority) => (OverlayMessage)new OverlayMessage.NeighborRequest(token, priority)),
            Gen.Select(Number, Gen.Bool).Select((token, granted) => (OverlayMessage)new OverlayMessage.NeighborReply(token, granted)),
            Gen.Const((OverlayMessage)new OverlayMessage.Disconnect()),
            Gen.Const((OverlayMessage)new OverlayMessage.KeepLink()),
            Gen.Select(Gen.OneOf(Node, Gen.Const(sender)), Number, Hops, Nodes).Select((origin, token, hops, nodes) =>
                (OverlayMessage)new OverlayMessage.Shuffle(origin, token, hops, nodes)),
            Gen.Select(Number, Nodes).Select((token, nodes) => (OverlayMessage)new OverlayMessage.ShuffleReply(token, nodes)))
        select new OverlayEnvelope(sender, message);

    public static readonly Gen<BroadcastEnvelope> Broadcast =
        from sender in Node
        from message in BroadcastOf(Gen.Select(Gen.OneOf(Node, Gen.Const(sender)), Number).Select((origin, sequence) => new BroadcastId(origin, sequence)))
        select new BroadcastEnvelope(sender, message);

    public static readonly Gen<object> Any = Gen.OneOf(
        Overlay.Select(envelope => (object)envelope),
        Broadcast.Select(envelope => (object)envelope),
        Gossip.Select(envelope => (object)envelope),
        Membership.Select(envelope => (object)envelope),
        Leases.Select(envelope => (object)envelope));

    private static Gen<BroadcastMessage> BroadcastOf(Gen<BroadcastId> id) => Gen.OneOf(
        Gen.Select(id, Hops, Gen.Byte.Array[0, 200]).Select((of, hops, payload) => (BroadcastMessage)new BroadcastMessage.Gossip(of, hops, [.. payload])),
        Gen.Select(id, Hops).Array[0, 20].Select(announced =>
            (BroadcastMessage)new BroadcastMessage.IHave([.. announced.Select(each => new Announcement(each.Item1, each.Item2))])),
        Gen.Select(id, Gen.Bool).Select((of, some) => (BroadcastMessage)new BroadcastMessage.Graft(some ? of : null)),
        Gen.Const((BroadcastMessage)new BroadcastMessage.Prune()));

    /// <summary>From no bytes to as many as allowed, with letters of one to four bytes.</summary>
    private static Gen<string> Text(int bytesMax) => Gen.OneOf(
        Gen.OneOf("a", "ß", "\u2603", "😀", "/", "%", " ", "\0").Array[0, 12].Select(string.Concat),
        Gen.Const(new string('x', bytesMax)),
        Gen.Const(string.Concat(Enumerable.Repeat("😀", bytesMax / 4))));

    /// <summary>As a text, but not empty.</summary>
    private static Gen<string> Name(int bytesMax) => Text(bytesMax).Where(text => text.Length > 0);

    private static Gen<GossipMessage> MessageOf(NodeId sender)
    {
        var replica = Gen.OneOf(AnyReplica, AnyReplica.Select(other => other with { Node = sender }));
        return Gen.OneOf(
            Gen.Select(Number.Where(number => number > 0), replica.SelectMany(DotsOf)).Select((number, dots) =>
                (GossipMessage)new GossipMessage.Push(number, dots)),
            Number.Select(number => (GossipMessage)new GossipMessage.PushAck(number)),
            Gen.Select(Number, Number, Gen.Bool).Select((root, last, synced) =>
                (GossipMessage)new GossipMessage.DigestRoot(root, last, synced)),
            Gen.Bool.Select(synced => (GossipMessage)new GossipMessage.DigestEqual(synced)),
            BucketsOf(),
            ContextsOf(replica),
            Gen.Select(Number, replica, Number, Number, Number).Select((token, of, context, coveredTo, coveredAsOf) =>
                (GossipMessage)new GossipMessage.Pull(token, of, new PullPosition(context, coveredTo, coveredAsOf))),
            Gen.Select(Number, replica.SelectMany(DotsOf), Gen.Bool, Gen.Bool).Select((token, dots, some, last) =>
                (GossipMessage)new GossipMessage.PullReply(token, dots.Replica, some ? dots : null, last)));
    }

    private static Gen<GossipMessage> BucketsOf() =>
        from bucketsPerShard in Gen.Int[0, 5].Select(power => 1 << power)
        from shards in Gen.OneOf(Gen.Int[1, 8], Gen.Const(WireLimits.ShardsMax))
        from hashes in Gen.ULong.Array[Math.Min(shards * bucketsPerShard, 8_000 / bucketsPerShard * bucketsPerShard)]
        from synced in Gen.Bool
        from question in Number
        select (GossipMessage)new GossipMessage.DigestBuckets(bucketsPerShard, [.. hashes], synced, question);

    private static Gen<GossipMessage> ContextsOf(Gen<ReplicaId> replica) =>
        from bucketsPerShard in BucketsPerShard
        from buckets in Gen.Int[0, (WireLimits.ShardsMax * bucketsPerShard) - 1].Array[0, 20]
        from contexts in Gen.Select(replica, Number.Where(context => context > 0)).Array[0, 30]
        from flags in Gen.Select(Gen.Bool, Gen.Bool)
        from tokens in Gen.Select(Number, Number)
        select (GossipMessage)new GossipMessage.DigestContexts(
            bucketsPerShard,
            [.. buckets.Distinct().Order()],
            [.. contexts.Select(context => new ReplicaContext(context.Item1, context.Item2))],
            flags.Item1,
            flags.Item2,
            tokens.Item1,
            tokens.Item2);

    private static Gen<Dots> DotsOf(ReplicaId replica) =>
        from start in Gen.OneOf(Gen.ULong[0, 5], Gen.ULong[0, ulong.MaxValue / 2])
        from width in Gen.ULong[0, 60]
        from beyond in Gen.ULong[0, 3]
        from isDelta in Gen.Bool
        from entries in Gen.Select(Gen.ULong[1, 20], Name(512), Name(256), Name(256), Ref, MetaObject, Gen.Select(Gen.Int[0, 86_400_000], Term)).Array[0, 6]
        from removals in Gen.Select(Gen.ULong[1, 20], Gen.ULong[1, 100], Gen.Enum<RemovalCause>()).Array[0, 6]
        select DotsFrom(replica, (start, start + width), (isDelta ? 0 : beyond, beyond), entries, isDelta ? removals : null);

    private static Dots DotsFrom(
        ReplicaId replica,
        (ulong From, ulong To) range,
        (ulong AsOf, ulong Horizon) beyond,
        (ulong Step, string Topic, string Key, string Owner, string Ref, Meta Meta, (int Grace, int Term) Lease)[] entries,
        (ulong Step, ulong Distance, RemovalCause Cause)[]? removals)
    {
        var live = ImmutableArray.CreateBuilder<Presence>();
        var dot = range.From;
        foreach (var entry in entries.TakeWhile(entry => (dot += entry.Step) <= range.To))
        {
            var id = new PresenceId(entry.Topic, entry.Key, entry.Owner);
            live.Add(new Presence(replica, dot, id, entry.Ref, entry.Meta, TimeSpan.FromMilliseconds(entry.Lease.Grace), entry.Lease.Term));
        }

        var removed = ImmutableArray.CreateBuilder<Removal>();
        var sequence = range.From;
        foreach (var removal in (removals ?? []).TakeWhile(removal => (sequence += removal.Step) <= range.To))
        {
            if (removal.Distance < sequence)
            {
                removed.Add(new Removal(sequence, sequence - removal.Distance, removal.Cause));
            }
        }

        return new Dots(
            replica,
            range.From,
            range.To,
            range.To + beyond.AsOf,
            range.To + beyond.AsOf + beyond.Horizon,
            live.DrainToImmutable(),
            removals is null ? default : removed.DrainToImmutable());
    }
}
