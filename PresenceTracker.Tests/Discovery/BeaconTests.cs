using System.Text;
using PresenceTracker.Discovery;
using PresenceTracker.Protocol.Membership;
using Xunit;

namespace PresenceTracker.Tests.Discovery;

public sealed class BeaconTests
{
    private const string Cluster = "Räume";
    private const string Address = "10.0.0.4:4053";

    private static readonly SharedToken Token = new("a secret of the cluster");

    public static TheoryData<string, byte[]> NoBeacons => new()
    {
        { "nothing", [] },
        { "the head alone", "PTrk"u8.ToArray() },
        { "another program", "GET / HTTP/1.1\r\n\r\n"u8.ToArray() },
        { "no cluster", "PTrk\u0001"u8.ToArray() },
        { "a cluster that is cut", "PTrk\u0001\u0009name"u8.ToArray() },
        { "no address", "PTrk\u0001\u0004name"u8.ToArray() },
        { "an address that is none", "PTrk\u0001\u0006R\u00e4ume\u0004a b:"u8.ToArray() },
        { "an address that is not UTF-8", [.. "PTrk\u0001\u0006R\u00e4ume\u0004"u8, 0xFF, 0xFE, (byte)':', (byte)'1'] },
        { "something after it", [.. Beacon.Write(Cluster, Address, token: null), 1] },
        { "too long", [.. Beacon.Write(Cluster, Address, Token), .. new byte[Beacon.BytesMax]] },
    };

    [Fact]
    public void It_names_the_address_to_those_of_its_cluster()
    {
        Assert.Equal((Address, null), Read(Beacon.Write(Cluster, Address, token: null), token: null));
        Assert.Equal((Address, null), Read(Beacon.Write(Cluster, Address, Token), new SharedToken("a secret of the cluster")));
    }

    [Fact]
    public void The_longest_one_is_taken()
    {
        var (cluster, address) = (new string('c', 255), new string('h', 249) + ":65535");
        var beacon = Beacon.Write(cluster, address, Token);

        Assert.Equal(Beacon.BytesMax, beacon.Length);
        Assert.Equal(address, Beacon.Read(beacon, Encoding.UTF8.GetBytes(cluster), Token, out _));
    }

    [Theory]
    [MemberData(nameof(NoBeacons))]
    public void What_no_node_sends_is_malformed(string what, byte[] datagram)
    {
        Assert.NotEmpty(what);
        Assert.Equal((null, DiscoveryFaultKind.Malformed), Read(datagram, token: null));
    }

    [Fact]
    public void Another_cluster_and_another_version_are_foreign()
    {
        Assert.Equal((null, DiscoveryFaultKind.Foreign), Read(Beacon.Write("other", Address, token: null), token: null));
        Assert.Equal((null, DiscoveryFaultKind.Foreign), Read(Beacon.Write("other", Address, Token), Token));
        Assert.Equal((null, DiscoveryFaultKind.Foreign), Read("PTrk\u0002whatever"u8.ToArray(), token: null));
    }

    [Fact]
    public void Without_the_token_it_is_not_heard_and_neither_is_one_with_a_token_where_there_is_none()
    {
        var proven = Beacon.Write(Cluster, Address, Token);
        byte[] moved = [.. Beacon.Write(Cluster, "10.0.0.5:4053", token: null), .. proven[^SharedToken.ProofBytes..]];

        Assert.Equal((null, DiscoveryFaultKind.WrongToken), Read(Beacon.Write(Cluster, Address, token: null), Token));
        Assert.Equal((null, DiscoveryFaultKind.WrongToken), Read(Beacon.Write(Cluster, Address, new SharedToken("another secret, as long")), Token));
        Assert.Equal((null, DiscoveryFaultKind.WrongToken), Read(moved, Token));
        Assert.Equal((null, DiscoveryFaultKind.WrongToken), Read(proven, token: null));
    }

    private static (string? Address, DiscoveryFaultKind? Fault) Read(byte[] datagram, SharedToken? token) =>
        (Beacon.Read(datagram, Encoding.UTF8.GetBytes(Cluster), token, out var fault), fault);
}
