using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Surface;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Cluster;

/// <summary>Whoever may not join a cluster with TLS and a token knocks at it, over and over, while it works.</summary>
[Collection(ProcessCollection.Name)]
public sealed class IntruderTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Topic = "room:1";
    private const string Quiet = "akka { stdout-loglevel = OFF, loggers = [] }";
    private const string Token = "presence.token = \"a secret of the cluster\"";
    private const string WrongToken = "presence.token = \"another secret, as long\"";
    private const double RatioMax = 2;

    private static readonly int Members = LongTests.AreOn ? 3 : 2;
    private static readonly int Changes = LongTests.AreOn ? 1_000 : 50;
    private static readonly TimeSpan KnockEvery = TimeSpan.FromMilliseconds(100);

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();
    private readonly List<IAsyncDisposable> _intruders = [];
    private readonly CancellationTokenSource _enough = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var intruder in _intruders)
        {
            await intruder.DisposeAsync();
        }

        _authority.Dispose();
        _other.Dispose();
        _enough.Dispose();
    }

    [Fact]
    public async Task None_joins_nothing_crashes_and_changes_spread_as_before()
    {
        await using var cluster = await ProcessCluster.StartAsync(Members, $"{Token}\n{_authority.Settings()}");
        await Task.WhenAll(cluster.Nodes.Select(node => node.AskAsync(new NodeRequest.Subscribe([Topic]))));
        await TimesAsync(cluster, "warm", count: 50);
        var calm = await TimesAsync(cluster, "calm", Changes);

        string[] targets = [.. cluster.Nodes.Select(node => node.Address)];
        var knocking = Knock(targets);
        var lone = StartLone(targets);
        var wrong = Start($"{WrongToken}\n{_authority.Settings()}", targets);
        var besieged = await TimesAsync(cluster, "besieged", Changes);
        await _enough.CancelAsync();
        var knocks = await Task.WhenAll(knocking);

        var refused = await Assert.ThrowsAsync<ClusterMismatchException>(() => wrong.Tracker.Ready.InTime());
        Assert.Equal("token is set to another value there and set here (option: presence.token)", refused.Reason[(refused.Reason.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
        Assert.All(lone, tracker => Assert.Single(tracker.Nodes));
        Assert.All(knocks, count => Assert.True(count > 0, $"each must have knocked: {string.Join(", ", knocks)}"));
        foreach (var node in cluster.Nodes)
        {
            Assert.False(node.HasExited);
            Assert.Equal(targets.Order(), (await node.AskAsync(new NodeRequest.Nodes())).Select(seen => seen.Address).Order());
            Assert.DoesNotContain("secret", node.Log, StringComparison.Ordinal);
        }

        var ratio = besieged / calm;
        Figures.Print(
            output,
            $"intruders: p99 of {Changes} changes between {Members} processes with TLS {calm.TotalMilliseconds:F1} ms, and {besieged.TotalMilliseconds:F1} ms " +
            $"({ratio:F2} times) while {string.Join(", ", knocks)} connections without a certificate, with HTTP and with noise came, and 3 nodes tried to join");
        if (LongTests.AreOn)
        {
            Assert.True(ratio <= RatioMax, $"{besieged} is {ratio:F2} times {calm}");
        }
    }

    /// <returns>The 99th percentile of the times from a change on one node until all others have told it.</returns>
    private static async Task<TimeSpan> TimesAsync(ProcessCluster cluster, string prefix, int count)
    {
        var times = new List<TimeSpan>();
        for (var change = 0; change < count; change++)
        {
            var (key, writer) = ($"{prefix}-{change}", change % cluster.Nodes.Count);
            var written = await cluster.Nodes[writer].AskAsync(new NodeRequest.Track(Topic, key, "{}"));
            var seen = await Task.WhenAll(cluster.Nodes
                .Where((_, index) => index != writer)
                .Select(node => node.AskAsync(new NodeRequest.AwaitEvent(Topic, "Joined", key))));
            times.Add(NodeReply.Between(written.At, seen.Max(told => told.At)));
            await cluster.Nodes[writer].AskAsync(new NodeRequest.Untrack(Topic, key));
        }

        times.Sort();
        return times[(int)(0.99 * (count - 1))];
    }

    /// <summary>Three that are no nodes at all, each at all targets in turn.</summary>
    private List<Task<int>> Knock(string[] targets) =>
    [
        KnockAsync(targets, async (stream, cancellation) =>
        {
            await using var tls = new SslStream(stream, leaveInnerStreamOpen: true, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancellation);
            await tls.WriteAsync("hello"u8.ToArray(), cancellation);
            await tls.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellation);
        }),
        KnockAsync(targets, async (stream, cancellation) =>
        {
            await stream.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), cancellation);
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellation);
        }),
        KnockAsync(targets, async (stream, cancellation) =>
        {
            var noise = new byte[10_000];
            new Random(1).NextBytes(noise);
            await stream.WriteAsync(noise, cancellation);
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellation);
        }),
    ];

    /// <returns>How often.</returns>
    private async Task<int> KnockAsync(string[] targets, Func<NetworkStream, CancellationToken, Task> say)
    {
        using var pace = new PeriodicTimer(KnockEvery);
        var knocks = 0;
        try
        {
            while (await pace.WaitForNextTickAsync(_enough.Token))
            {
                var target = targets[knocks % targets.Length].Split(':');
                using var client = new TcpClient();
                await client.ConnectAsync(target[0], int.Parse(target[1], System.Globalization.CultureInfo.InvariantCulture), _enough.Token);
                knocks++;
                try
                {
                    await say(client.GetStream(), _enough.Token);
                }
                catch (Exception refused) when (refused is IOException or AuthenticationException)
                {
                    // As it must be.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It has knocked long enough.
        }

        return knocks;
    }

    /// <summary>Nodes with the right token: one without TLS, and one that lets in anybody, with a certificate of another authority.</summary>
    private List<Tracker> StartLone(string[] targets)
    {
        var seeds = Seeds(targets);
        var certificate = _other.Sign(DateTimeOffset.UtcNow.AddDays(1));
        var config = ConfigurationFactory.ParseString($"{Quiet}\n{seeds}\n{Token}\nakka.remote.dot-netty.tcp.enable-ssl = on");
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(PresenceConfig.ForNewSystem(new RemotingAddress("127.0.0.1", 0), config)));
        var system = ActorSystem.Create("presence", setup.WithSetup(new DotNettySslSetup(certificate, suppressValidation: true)));
        _intruders.Add(new Ending(system));
        return [PresenceTrackerExtension.For(system).Tracker, Start(Token, targets).Tracker];
    }

    private PresenceNode Start(string hocon, string[] targets)
    {
        var node = PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = $"{Quiet}\n{Seeds(targets)}\n{hocon}" });
        _intruders.Add(node);
        return node;
    }

    private static string Seeds(string[] targets) => $"presence.seeds = {System.Text.Json.JsonSerializer.Serialize(targets)}";

    private sealed class Ending(ActorSystem system) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await system.Terminate();
    }
}
