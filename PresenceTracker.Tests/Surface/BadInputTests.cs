using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Tests.Cluster.Processes;
using Xunit;

namespace PresenceTracker.Tests.Surface;

[Collection(SingleNodeCollection.Name)]
public sealed class BadInputTests(SingleNode node)
{
    private readonly Tracker _tracker = node.Tracker;
    private readonly string _topic = node.NewTopic();
    private readonly Owner _owner = Owner.Connection("c1");

    [Theory]
    [InlineData(512, 256, 245, 4096)]
    [InlineData(1, 1, 1, 2)]
    public async Task A_call_at_its_limits_is_served(int topicBytes, int keyBytes, int nameBytes, int metaBytes)
    {
        // Two bytes of UTF-8 a character: the limits are in bytes.
        var topic = Bytes(topicBytes);
        var owner = Owner.Connection(Bytes(nameBytes));

        var result = await _tracker.TrackAsync(topic, Bytes(keyBytes), owner, MetaOf(metaBytes));

        Assert.Equal(TrackStatus.Tracked, result.Status);
        Assert.Equal(metaBytes, Assert.Single(_tracker.GetByKey(topic, Bytes(keyBytes))).Meta.Utf8.Length);
        await _tracker.UntrackAsync(topic, Bytes(keyBytes), owner);
    }

    [Theory]
    [InlineData(513, 1, 1, 2, "topic", "513 bytes", "1 to 512 bytes")]
    [InlineData(0, 1, 1, 2, "topic", "0 bytes", "1 to 512 bytes")]
    [InlineData(1, 257, 1, 2, "key", "257 bytes", "1 to 256 bytes")]
    [InlineData(1, 0, 1, 2, "key", "0 bytes", "1 to 256 bytes")]
    [InlineData(1, 1, 246, 2, "owner", "257 bytes", "1 to 256 bytes")]
    [InlineData(1, 1, 1, 4097, "meta", "4097 bytes", "at most 4096 bytes")]
    public async Task A_call_beyond_a_limit_names_the_limit_the_value_and_the_option(
        int topicBytes, int keyBytes, int nameBytes, int metaBytes, string limit, string value, string allowed)
    {
        var (topic, key, owner, meta) = (Bytes(topicBytes), Bytes(keyBytes), Owner.Connection(Bytes(nameBytes)), MetaOf(metaBytes));
        await _tracker.TrackAsync(_topic, "alice", _owner);

        await Refuses(() => _tracker.TrackAsync(topic, key, owner, meta));
        await Refuses(() => _tracker.TrackOrUpdateAsync(topic, key, owner, meta));
        await Refuses(() => _tracker.UpdateAsync(topic, key, owner, meta));
        TrackRequest[] many = [new(_topic, "bob", _owner, Meta.Empty), new(topic, key, owner, meta)];
        await Refuses(() => _tracker.TrackManyAsync(many));
        await Refuses(() => _tracker.TrackOrUpdateManyAsync(many));
        if (limit != "meta")
        {
            await Refuses(() => _tracker.UntrackAsync(topic, key, owner));
            await Refuses(() => _tracker.UntrackManyAsync([(_topic, "alice", _owner), (topic, key, owner)]));
        }
        else
        {
            await Refuses(() => _tracker.UpdateAsync(_topic, "alice", _owner, (Meta _) => meta));
        }

        if (limit == "topic")
        {
            await Refuses(() => _tracker.SubscribeAsync(topic));
        }

        Assert.Equal(["alice"], _tracker.List(_topic).Keys);
        Assert.Equal("{}", Assert.Single(_tracker.List(_topic)).Meta.ToString());

        async Task Refuses(Func<Task> call)
        {
            var refused = await Assert.ThrowsAsync<LimitExceededException>(call);
            Assert.Equal((limit, value, allowed, $"presence.limits.{limit}"), (refused.Limit, refused.Value, refused.Allowed, refused.Option));
            Assert.Equal($"{limit}: {value} is not allowed, {allowed} is (option: presence.limits.{limit})", refused.Message);
        }
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_refused()
    {
        await Refuses("topic", "\ud800", "k", "c");
        await Refuses("key", "t", "k\udc00", "c");
        await Refuses("owner", "t", "k", "\udc00\ud800");

        async Task Refuses(string limit, string topic, string key, string connection)
        {
            var refused = await Assert.ThrowsAsync<LimitExceededException>(
                () => _tracker.TrackAsync(topic, key, Owner.Connection(connection)));
            Assert.Equal((limit, "well-formed Unicode"), (refused.Limit, refused.Allowed));
        }
    }

    [Theory]
    [InlineData("[]", "a meta is a JSON object, not Array")]
    [InlineData("1", "a meta is a JSON object, not Number")]
    [InlineData("null", "a meta is a JSON object, not Null")]
    [InlineData("\"text\"", "a meta is a JSON object, not String")]
    [InlineData("""{"phx_ref":"x"}""", "the member phx_ref is reserved")]
    [InlineData("""{"a":1,"phx_ref_prev":null}""", "the member phx_ref_prev is reserved")]
    [InlineData("""{"a":1,"a":2}""", "duplicate")]
    [InlineData("""{"a":{"b":1,"b":2}}""", "duplicate")]
    [InlineData("""{"a":1""", "not JSON")]
    [InlineData("", "not JSON")]
    [InlineData("""{"a":"\ud800"}""", "half of a surrogate pair")]
    public void What_is_no_meta_is_refused_with_what_is_wrong(string json, string fault) =>
        Assert.Contains(fault, Assert.Throws<InvalidMetaException>(() => Metas.Parse(json)).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void A_value_that_is_no_meta_is_refused_with_what_is_wrong()
    {
        var endless = new List<object>();
        endless.Add(endless);

        Assert.Contains("not Array", Assert.Throws<InvalidMetaException>(() => Metas.From(new[] { 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("not Null", Assert.Throws<InvalidMetaException>(() => Metas.From<RoomMeta?>(null)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "cycle", Assert.Throws<InvalidMetaException>(() => Metas.From(new { endless })).Message, StringComparison.Ordinal);
        Assert.Contains(
            "IntPtr", Assert.Throws<InvalidMetaException>(() => Metas.From(new { handle = (nint)1 })).Message, StringComparison.Ordinal);
        Assert.Contains(
            "surrogate",
            Assert.Throws<InvalidMetaException>(() => Metas.Parse("{\"a\":\"\ud800\"}")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_meta_is_named_with_what_is_allowed_and_the_parameter_that_took_it()
    {
        var parsed = Assert.Throws<InvalidMetaException>(() => Metas.Parse("[1]"));
        Assert.Equal(("[1]", "a meta is a JSON object, not Array", "json"), (parsed.Value, parsed.Fault, parsed.Option));
        Assert.Equal(
            "meta: [1] is not allowed, a JSON object of at most 32 levels without duplicate members, phx_ref or phx_ref_prev is: " +
            "a meta is a JSON object, not Array (option: json)",
            parsed.Message);
        Assert.Equal("utf8", Assert.Throws<InvalidMetaException>(() => Metas.Parse("[1]"u8)).Option);
        Assert.Equal("value", Assert.Throws<InvalidMetaException>(() => Metas.From(1)).Option);
        var tracked = await Assert.ThrowsAsync<InvalidMetaException>(() => _tracker.TrackAsync(_topic, "alice", _owner, new[] { 1, 2 }));
        Assert.Equal(("[1,2]", "meta"), (tracked.Value, tracked.Option));
        var unserializable = Assert.Throws<InvalidMetaException>(() => Metas.From((nint)1));
        Assert.Equal("a value of System.IntPtr", unserializable.Value);
        Assert.Empty(_tracker.List(_topic));
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(101, 101)]
    [InlineData(1_000_000, 101)]
    public void Of_a_long_meta_the_error_shows_the_beginning(int characters, int shown)
    {
        var json = "[\"" + new string('ä', characters - 4) + "\"]";

        foreach (var refused in new[]
        {
            Assert.Throws<InvalidMetaException>(() => Metas.Parse(json)),
            Assert.Throws<InvalidMetaException>(() => Metas.Parse(Encoding.UTF8.GetBytes(json))),
        })
        {
            Assert.Equal(shown, refused.Value.Length);
            Assert.StartsWith(refused.Value.TrimEnd('…'), json, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_long_meta_is_not_cut_between_the_halves_of_a_surrogate_pair()
    {
        var refused = Assert.Throws<InvalidMetaException>(() => Metas.Parse("[" + string.Concat(Enumerable.Repeat("😀", 60)) + "]"));

        Assert.Equal("[" + string.Concat(Enumerable.Repeat("😀", 49)) + "…", refused.Value);
    }

    [Theory]
    [InlineData("-00:00:01")]
    [InlineData("00:00:00")]
    [InlineData("00:00:00.9990000")]
    [InlineData("1.00:00:00.0010000")]
    public void A_lease_outside_its_range_names_value_and_range(string duration)
    {
        var refused = Assert.Throws<LimitExceededException>(() => Owner.Lease(TimeSpan.Parse(duration, CultureInfo.InvariantCulture)));

        Assert.Equal(
            $"lease: {duration} is not allowed, 00:00:01 to 1.00:00:00 is (option: duration)", refused.Message);
    }

    [Theory]
    [InlineData("-00:00:00.0010000")]
    [InlineData("1.00:00:00.0010000")]
    public async Task A_leave_grace_outside_its_range_names_value_and_range(string grace)
    {
        var refused = await Assert.ThrowsAsync<LimitExceededException>(() => _tracker.TrackAsync(
            _topic, "alice", _owner, leaveGrace: TimeSpan.Parse(grace, CultureInfo.InvariantCulture)));

        Assert.Equal($"leave-grace: {grace} is not allowed, 00:00:00 to 1.00:00:00 is (option: presence.leave-grace)", refused.Message);
        Assert.Empty(_tracker.List(_topic));
    }

    [Fact]
    public async Task Nothing_at_all_is_refused_as_such()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => _tracker.TrackAsync(null!, "k", _owner));
        await Assert.ThrowsAsync<ArgumentNullException>(() => _tracker.TrackAsync(_topic, null!, _owner));
        await Assert.ThrowsAsync<ArgumentNullException>(() => _tracker.TrackAsync(_topic, "k", null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => _tracker.UpdateAsync(_topic, "k", _owner, (Meta)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => _tracker.UntrackAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => _tracker.SubscribeAsync(null!));
        Assert.Throws<ArgumentNullException>(() => _tracker.List(null!));
        Assert.Throws<ArgumentNullException>(() => _tracker.TopicsOf(null!));
        Assert.Throws<ArgumentNullException>(() => _tracker.ConnectionLost(null!));
        Assert.Throws<ArgumentNullException>(() => Owner.Actor(null!));
        Assert.Throws<ArgumentNullException>(() => Owner.Connection(null!));
        Assert.Throws<ArgumentNullException>(() => Owner.Lease(TimeSpan.FromSeconds(30), null!));
    }

    [Fact]
    public async Task An_actor_of_another_node_cannot_own_and_the_error_names_leases()
    {
        await using var other = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0 });
        var remote = ((ExtendedActorSystem)other.System).Provider.ResolveActorRef($"akka.tcp://presence@{_tracker.Self.Address}/user/presence");

        var refused = Assert.Throws<RemoteOwnerException>(() => Owner.Actor(remote));

        Assert.Same(remote, refused.Actor);
        Assert.Contains("Owner.Lease", refused.Message, StringComparison.Ordinal);
        Assert.Contains(remote.Path.ToString(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_never_stops_cannot_own()
    {
        Assert.Throws<UnwatchableActorException>(() => Owner.Actor(ActorRefs.Nobody));
        using var system = ActorSystem.Create("dead-letters");
        Assert.Throws<UnwatchableActorException>(() => Owner.Actor(system.DeadLetters));
    }

    [Fact]
    public void A_port_that_is_taken_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var refused = Assert.Throws<NodeStartException>(() => PresenceNode.Start(new PresenceTrackerOptions { NodePort = port }));

        Assert.Equal($"cannot listen on 127.0.0.1:{port} (options: NodeHost, NodePort): the port is taken", refused.Message);
        Assert.Equal(($"127.0.0.1:{port}", "NodeHost, NodePort", "the port is taken"), (refused.Value, refused.Option, refused.Fault));
    }

    [Fact]
    public void A_port_that_is_taken_is_named_as_the_HOCON_has_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var refused = Assert.Throws<NodeStartException>(() => PresenceNode.Start(
            new PresenceTrackerOptions { NodePort = 0, Hocon = $"akka.remote.dot-netty.tcp.port = {port}" }));

        Assert.Equal(
            ($"127.0.0.1:{port}", "akka.remote.dot-netty.tcp.hostname, akka.remote.dot-netty.tcp.port"), (refused.Value, refused.Option));
    }

    [Fact]
    public void A_node_that_would_advertise_all_interfaces_is_refused_and_does_not_listen_on()
    {
        var port = FreePorts.Take();

        var refused = Assert.Throws<PresenceConfigurationException>(() => PresenceNode.Start(
            new PresenceTrackerOptions { NodePort = port, Hocon = "akka.remote.dot-netty.tcp.public-hostname = 0.0.0.0" }));

        Assert.Equal(
            ("akka.remote.dot-netty.tcp.public-hostname", "0.0.0.0"),
            (Assert.Single(refused.Faults).Key, Assert.Single(refused.Faults).Value));
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
    }

    [Fact]
    public void A_host_that_is_not_here_is_named()
    {
        // A documentation address: no machine has it.
        var refused = Assert.Throws<NodeStartException>(
            () => PresenceNode.Start(new PresenceTrackerOptions { NodeHost = "192.0.2.1", NodePort = 0 }));

        Assert.StartsWith("cannot listen on 192.0.2.1:0 (options: NodeHost, NodePort): ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere", "presence.seeds = nowhere: ")]
    [InlineData("a:0", "presence.seeds = a:0: ")]
    [InlineData("a\"b:1", "presence.seeds = a\"b:1: ")]
    public void A_seed_that_is_no_address_is_named(string seed, string fault)
    {
        var refused = Assert.Throws<PresenceConfigurationException>(
            () => PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Seeds = { "good:1", seed } }));

        Assert.StartsWith(fault, Assert.Single(refused.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_catch_gets_a_taken_port_and_a_bad_seed()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        foreach (var options in (PresenceTrackerOptions[])
            [new() { NodePort = ((IPEndPoint)taken.LocalEndpoint).Port }, new() { NodePort = 0, Seeds = { "nowhere" } }])
        {
            Assert.ThrowsAny<PresenceException>(() => PresenceNode.Start(options));
        }
    }

    [Fact]
    public void Settings_that_cannot_be_read_or_used_are_named()
    {
        Assert.Equal(
            "Hocon",
            Assert.Single(Refused(new PresenceTrackerOptions { NodePort = 0, Hocon = "presence.shards = ${unknown}" }).Faults).Key);
        Assert.Equal(
            "Hocon",
            Assert.Single(Refused(new PresenceTrackerOptions { NodePort = 0, Hocon = "include \"other.conf\"" }).Faults).Key);
        Assert.Equal(
            ["presence.shards"],
            Refused(new PresenceTrackerOptions { NodePort = 0, Hocon = "presence.shards = 0" }).Faults.Select(fault => fault.Key));
        Assert.Equal(
            ["akka.remote.dot-netty.tcp.port", "akka.remote.dot-netty.tcp.public-port"],
            Refused(new PresenceTrackerOptions { NodePort = 65536 }).Faults.Select(fault => fault.Key));
        Assert.Equal(
            "presence.cluster-name",
            Assert.Single(Refused(new PresenceTrackerOptions { NodePort = 0, ClusterName = "" }).Faults).Key);

        static PresenceConfigurationException Refused(PresenceTrackerOptions options) =>
            Assert.Throws<PresenceConfigurationException>(() => PresenceNode.Start(options));
    }

    // Of two-byte characters, with one of a single byte if the number is odd.
    private static string Bytes(int count) => new string('ä', count / 2) + (count % 2 == 0 ? "" : "a");

    private static Meta MetaOf(int bytes) => bytes == 2 ? Meta.Empty : Metas.Parse("{\"a\":\"" + new string('x', bytes - 8) + "\"}");
}
