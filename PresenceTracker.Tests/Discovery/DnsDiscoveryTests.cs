using System.Net;
using System.Net.Sockets;
using PresenceTracker.Discovery;
using Xunit;

namespace PresenceTracker.Tests.Discovery;

public sealed class DnsDiscoveryTests
{
    private const string Service = "presence.default.svc.cluster.local";

    private readonly List<string> _asked = [];
    private IPAddress[] _records = [];

    [Fact]
    public async Task Each_look_asks_anew_for_the_addresses_of_the_name()
    {
        var discovery = Of($"{Service}:4053", self: "10.0.0.1:4053");
        _records = [IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")];
        Assert.Equal(["10.0.0.1:4053", "10.0.0.2:4053"], await FoundAsync(discovery));

        _records = [IPAddress.Parse("10.0.0.3")];
        Assert.Equal(["10.0.0.3:4053"], await FoundAsync(discovery));
        Assert.Equal([Service, Service], _asked);
    }

    [Theory]
    [InlineData("10.0.0.1:4053", "10.0.0.2:4053")]
    [InlineData("[fd00::1]:4053", "[fd00::2]:4053")]
    [InlineData("presence-0.example:4053", "10.0.0.2:4053", "[fd00::2]:4053")]
    public async Task Of_a_name_with_addresses_of_both_families_those_count_that_nodes_advertise(string self, params string[] found)
    {
        _records = [IPAddress.Parse("fd00::2"), IPAddress.Parse("10.0.0.2"), IPAddress.Parse("fe80::1%2")];

        Assert.Equal(found, await FoundAsync(Of($"{Service}:4053", self)));
    }

    [Fact]
    public async Task A_name_without_an_address_is_a_fault_and_finds_nothing_rather_than_nobody()
    {
        var unknown = new DnsDiscovery("nowhere:1", "10.0.0.1:4053", countMax: 9, (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        var empty = Of("empty:1", "10.0.0.1:4053");

        foreach (var discovery in new[] { unknown, empty })
        {
            var finding = await discovery.LookAsync(CancellationToken.None);
            Assert.Null(finding.Addresses);
            Assert.Equal((DiscoveryFaultKind.Unresolved, 1), Assert.Single(finding.Faults.Select(fault => (fault.Kind, fault.Count))));
        }
    }

    [Fact]
    public async Task No_more_is_taken_than_there_is_room_for()
    {
        _records = [.. Enumerable.Range(1, 5).Select(i => IPAddress.Parse($"10.0.0.{i}"))];
        var discovery = new DnsDiscovery("many:1", "10.0.0.1:1", countMax: 3, (_, _) => Task.FromResult(_records));

        var finding = await discovery.LookAsync(CancellationToken.None);

        Assert.Equal(["10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"], finding.Addresses!.Value.AsEnumerable());
        Assert.Equal((DiscoveryFaultKind.TooMany, 2), Assert.Single(finding.Faults.Select(fault => (fault.Kind, fault.Count))));
    }

    private DnsDiscovery Of(string name, string self) => new(name, self, countMax: 9, (asked, _) =>
    {
        _asked.Add(asked);
        return Task.FromResult(_records);
    });

    private static async Task<IEnumerable<string>> FoundAsync(DnsDiscovery discovery)
    {
        var finding = await discovery.LookAsync(CancellationToken.None);
        Assert.Empty(finding.Faults);
        return finding.Addresses!.Value;
    }
}
