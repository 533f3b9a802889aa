using System.Net;
using System.Net.Sockets;
using PresenceTracker.Discovery;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Discovery;

/// <summary>Real datagrams in a group on loopback that no other test uses.</summary>
public sealed class MulticastDiscoveryTests : IDisposable
{
    private const string Loopback = "127.0.0.1";

    private readonly IPEndPoint _group = new(IPAddress.Parse("239.255.40.53"), FreePorts.Take());
    private readonly List<IDisposable> _disposables = [];

    public void Dispose() => _disposables.ForEach(disposable => disposable.Dispose());

    [Fact]
    public async Task Nodes_of_one_cluster_hear_each_other_and_not_themselves()
    {
        var (a, b) = (Join("mine", "a:1"), Join("mine", "b:1"));
        using var toldA = new SemaphoreSlim(0);
        a.Begin(() => toldA.Release());
        Assert.Null((await a.LookAsync(CancellationToken.None)).Addresses);

        // It hears its own beacon too, which is none to tell of; then that of b, once however often it comes.
        await b.LookAsync(CancellationToken.None);
        await b.LookAsync(CancellationToken.None);

        Assert.True(await toldA.WaitAsync(Expect.Patience), "b was not heard");
        Assert.Equal(["b:1"], (await a.LookAsync(CancellationToken.None)).Addresses!.Value.AsEnumerable());
        await Expect.UntilAsync(
            () => b.LookAsync(CancellationToken.None).Result.Addresses is { } found && found.SequenceEqual(["a:1"]), "b hears a");
        Assert.Equal(0, toldA.CurrentCount);
    }

    [Fact]
    public async Task What_is_foreign_or_malformed_is_counted_and_touches_nothing()
    {
        var token = new SharedToken("a secret of the cluster");
        var a = Join("mine", "a:1", token);
        await a.LookAsync(CancellationToken.None);
        using var stranger = Stranger();
        byte[][] datagrams =
        [
            "nonsense"u8.ToArray(), new byte[60_000], [],
            Beacon.Write("other", "x:1", token), Beacon.Write("mine", "x:1", token: null), Beacon.Write("mine", "x:1", new SharedToken("another secret, as long")),
        ];
        foreach (var datagram in datagrams)
        {
            await stranger.SendToAsync(datagram, SocketFlags.None, _group);
        }

        await stranger.SendToAsync(Beacon.Write("mine", "b:1", token), SocketFlags.None, _group);
        var counts = new SortedDictionary<DiscoveryFaultKind, long>();
        await Expect.UntilAsync(
            () =>
            {
                var finding = a.LookAsync(CancellationToken.None).Result;
                foreach (var fault in finding.Faults)
                {
                    Assert.Null(fault.Detail);
                    counts[fault.Kind] = counts.GetValueOrDefault(fault.Kind) + fault.Count;
                }

                return finding.Addresses is not null;
            },
            "b is heard after all the others");

        Assert.Equal(["b:1"], (await a.LookAsync(CancellationToken.None)).Addresses!.Value.AsEnumerable());
        Assert.Equal(
            [(DiscoveryFaultKind.Foreign, 1L), (DiscoveryFaultKind.Malformed, 3L), (DiscoveryFaultKind.WrongToken, 2L)],
            counts.Select(count => (count.Key, count.Value)));
    }

    [Fact]
    public async Task A_group_that_cannot_be_joined_is_a_fault_each_time_and_no_more()
    {
        // An address of documentation (RFC 5737), which no machine has.
        var lost = new MulticastDiscovery(_group, "192.0.2.77", "mine", "a:1", token: null, countMax: 9, TimeProvider.System);
        _disposables.Add(lost);

        for (var looks = 0; looks < 2; looks++)
        {
            var finding = await lost.LookAsync(CancellationToken.None);
            Assert.Null(finding.Addresses);
            Assert.Equal((DiscoveryFaultKind.Unreachable, 1L), Assert.Single(finding.Faults.Select(fault => (fault.Kind, fault.Count))));
        }
    }

    private MulticastDiscovery Join(string cluster, string self, SharedToken? token = null)
    {
        var discovery = new MulticastDiscovery(_group, Loopback, cluster, self, token, countMax: 9, TimeProvider.System);
        _disposables.Add(discovery);
        return discovery;
    }

    private static Socket Stranger()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        return socket;
    }
}
