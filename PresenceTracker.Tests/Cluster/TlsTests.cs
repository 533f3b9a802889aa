using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using PresenceTracker.Configuration;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Docs;
using Xunit;

namespace PresenceTracker.Tests.Cluster;

/// <summary>Nodes with <c>config/tls.conf</c>, and a certificate that no authority has signed.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const string Password = "secret";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _certificate = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly List<ActorSystem> _systems = [];

    public async Task InitializeAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllBytesAsync(_certificate, certificate.Export(X509ContentType.Pkcs12, Password));
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate()));
        File.Delete(_certificate);
    }

    [Fact]
    public async Task Nodes_with_TLS_replicate()
    {
        var a = Start(Tls(isValidated: false), out _);
        var b = Start(Tls(isValidated: false), out _, seed: a.Self.Address);
        await b.Ready.WaitAsync(Patience);
        await using var room = await b.SubscribeAsync("room:1");

        await a.TrackAsync("room:1", "alice", Owner.Connection("c1"));

        using var patience = new CancellationTokenSource(Patience);
        await using var diffs = room.Diffs(patience.Token).GetAsyncEnumerator(patience.Token);
        Assert.True(await diffs.MoveNextAsync());
        Assert.Equal(["alice"], diffs.Current.KeysJoined);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        var a = Start(Tls(isValidated: true), out var faults);
        var b = Start(Tls(isValidated: true), out _, seed: a.Self.Address);

        await FirstFault(faults, "TLS handshake failure");

        Assert.Single(a.Nodes);
        Assert.Single(b.Nodes);
    }

    [Fact]
    public async Task A_node_without_TLS_is_refused()
    {
        var a = Start(Tls(isValidated: false), out var faults);
        var b = Start("", out _, seed: a.Self.Address);

        await FirstFault(faults, "TLS handshake failure");

        Assert.Single(a.Nodes);
        Assert.Single(b.Nodes);
    }

    private static async Task FirstFault(Inbox faults, string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!((Warning)await faults.ReceiveAsync(Patience).WaitAsync(patience.Token)).Message.ToString()!.Contains(text, StringComparison.Ordinal))
        {
            // Others are about other things.
        }
    }

    private Tracker Start(string own, out Inbox faults, string? seed = null)
    {
        var seeds = seed is null ? "" : $"presence.seeds = [\"{seed}\"]";
        var config = ConfigurationFactory.ParseString($"akka {{ stdout-loglevel = OFF, loggers = [] }}\n{seeds}\n{own}");
        var system = ActorSystem.Create("presence", PresenceConfig.ForNewSystem(new RemotingAddress("127.0.0.1", 0), config));
        _systems.Add(system);
        faults = Inbox.Create(system);
        system.EventStream.Subscribe(faults.Receiver, typeof(Warning));
        return PresenceTrackerExtension.For(system).Tracker;
    }

    // What an operator would change in the file, and for tests that no authority vouches for the certificate.
    private string Tls(bool isValidated) => $$"""
        {{Repository.Read("config", "tls.conf")}}
        akka.remote.dot-netty.tcp.ssl {
          certificate { path = "{{_certificate.Replace('\\', '/')}}", password = "{{Password}}" }
          suppress-validation = {{(isValidated ? "false" : "true")}}
        }
        """;
}
