using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;
using PresenceTracker.Configuration;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Cluster.Processes;
using PresenceTracker.Tests.Docs;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Cluster;

/// <summary>Nodes that speak TLS under an authority of their own.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const string Quiet = "akka { stdout-loglevel = OFF, loggers = [] }";

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();
    private readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate()));
        _authority.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Nodes_with_certificates_of_the_authority_replicate()
    {
        var a = Start(_authority.Settings(), out _);
        var b = Start(_authority.Settings(), out _, seed: a.Self.Address);
        await b.Ready.InTime();
        await using var room = await b.SubscribeAsync("room:1");

        await a.TrackAsync("room:1", "alice", Owner.Connection("c1"));

        Assert.Equal(["alice"], (await room.NextAsync()).KeysJoined);
    }

    [Fact]
    public async Task The_files_of_the_script_and_the_settings_that_come_with_it_make_a_node()
    {
        var folder = Path.GetDirectoryName(_authority.AuthorityFile)!;
        await using var script = new ConsoleProcess(
            Path.Combine(Repository.Root, "config", "make-certificates"), [Path.Combine(folder, "made"), "127.0.0.1", "node.example"]);
        Assert.Equal(0, await script.ExitedAsync());
        File.Move(Path.Combine(folder, "made", "127.0.0.1.crt"), Path.Combine(folder, "made", "node.crt"));
        File.Move(Path.Combine(folder, "made", "127.0.0.1.key"), Path.Combine(folder, "made", "node.key"));
        var settings = Repository.Read("config", "tls.conf").Replace("/etc/presence", Path.Combine(folder, "made"), StringComparison.Ordinal);

        var a = Start(settings, out _);
        var b = Start(settings, out _, seed: a.Self.Address);
        await b.Ready.InTime();

        Assert.Equal(2, b.Nodes.Count);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_although_its_node_would_let_in_anybody()
    {
        var a = Start(_authority.Settings(), out var faults);
        using var certificate = _other.Sign(DateTimeOffset.UtcNow.AddDays(1));
        var b = Start(
            "akka.remote.dot-netty.tcp.enable-ssl = on", out _, seed: a.Self.Address, tls: new DotNettySslSetup(certificate, suppressValidation: true));

        await FirstFault(faults, "TLS handshake fail");

        Assert.Single(a.Nodes);
        Assert.Single(b.Nodes);
    }

    [Fact]
    public async Task A_node_does_not_join_one_with_a_certificate_of_another_authority()
    {
        using var certificate = _other.Sign(DateTimeOffset.UtcNow.AddDays(1));
        var a = Start("akka.remote.dot-netty.tcp.enable-ssl = on", out _, tls: new DotNettySslSetup(certificate, suppressValidation: true));
        var b = Start(_authority.Settings(), out var faults, seed: a.Self.Address);

        await FirstFault(faults, "TLS handshake fail");

        Assert.Single(a.Nodes);
        Assert.Single(b.Nodes);
    }

    [Fact]
    public async Task A_node_without_TLS_is_refused()
    {
        var a = Start(_authority.Settings(), out var faults);
        var b = Start("", out _, seed: a.Self.Address);

        await FirstFault(faults, "TLS handshake fail");

        Assert.Single(a.Nodes);
        Assert.Single(b.Nodes);
    }

    [Fact]
    public void Files_that_cannot_be_used_stop_the_start_with_all_of_their_faults()
    {
        File.WriteAllText(_authority.PathOf("text"), "no certificate");
        var text = _authority.PathOf("text");
        Assert.Equal(
            [
                "presence.tls.certificate = /no/such.crt (Could not find a part of the path '/no/such.crt'.): allowed is a file that can be read",
                $"presence.tls.authority = {text}: allowed is a file with the certificates of authorities, as PEM",
            ],
            FaultsOf($"presence.tls {{ certificate = /no/such.crt, key = \"{text}\", authority = \"{text}\" }}"));
        Assert.StartsWith(
            $"presence.tls.certificate = {text} with {text} (",
            Assert.Single(FaultsOf($"presence.tls {{ certificate = \"{text}\", key = \"{text}\", authority = \"{_authority.AuthorityFile}\" }}")),
            StringComparison.Ordinal);
        Assert.Equal(
            [
                "presence.tls.key = : allowed is an absolute path of a file, because presence.tls.certificate is set",
                "presence.tls.authority = : allowed is an absolute path of a file, because presence.tls.certificate is set",
            ],
            FaultsOf("presence.tls.certificate = /no/such.crt"));
    }

    [Fact]
    public void A_certificate_that_others_will_refuse_stops_the_start()
    {
        Assert.Contains("PartialChain", Assert.Single(FaultsOf(_authority.Settings(trusted: _other))), StringComparison.Ordinal);
        Assert.Contains("NotTimeValid", Assert.Single(FaultsOf(_authority.Settings(until: DateTimeOffset.UtcNow.AddHours(-1)))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_of_Akkas_own_settings_that_cannot_be_read_stops_the_start() => Assert.StartsWith(
        "akka.remote.dot-netty.tcp.ssl.certificate.path = /no/such.pfx (",
        Assert.Single(FaultsOf("akka.remote.dot-netty.tcp { enable-ssl = on, ssl.certificate.path = /no/such.pfx }")),
        StringComparison.Ordinal);

    [Fact]
    public void A_system_that_was_created_without_TLS_is_not_used_where_it_was_asked_for()
    {
        using var system = ActorSystem.Create("presence", ConfigurationFactory.ParseString($"{Quiet}\n{_authority.Settings()}"));

        var refused = Assert.Throws<PresenceConfigurationException>(() => PresenceTrackerExtension.For(system));

        Assert.Equal("presence.tls.certificate", Assert.Single(refused.Faults).Key);
    }

    private static IEnumerable<string> FaultsOf(string hocon) =>
        Assert.Throws<PresenceConfigurationException>(() => PresenceNode.Start(new PresenceTrackerOptions { NodePort = 0, Hocon = hocon }))
            .Faults.Select(fault => fault.ToString());

    private static async Task FirstFault(Inbox faults, string text)
    {
        List<string> seen = [];
        using var patience = new CancellationTokenSource(Expect.Patience);
        try
        {
            do
            {
                seen.Add($"{await faults.ReceiveAsync(Expect.Patience).WaitAsync(patience.Token)}");
            }
            while (!seen[^1].Contains(text, StringComparison.Ordinal));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"waited for \"{text}\" in the log, and saw: {string.Join('\n', seen)}");
        }
    }

    private Tracker Start(string own, out Inbox faults, string? seed = null, DotNettySslSetup? tls = null)
    {
        var seeds = seed is null ? "" : $"presence.seeds = [\"{seed}\"]";
        var config = ConfigurationFactory.ParseString($"{Quiet}\n{seeds}\n{own}");
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(PresenceConfig.ForNewSystem(new RemotingAddress("127.0.0.1", 0), config)));
        tls ??= PresenceConfig.TlsFor(config);
        var system = ActorSystem.Create("presence", tls is null ? setup : setup.WithSetup(tls));
        _systems.Add(system);
        faults = Inbox.Create(system);
        system.EventStream.Subscribe(faults.Receiver, typeof(Warning));
        system.EventStream.Subscribe(faults.Receiver, typeof(Error));
        return PresenceTrackerExtension.For(system).Tracker;
    }
}
