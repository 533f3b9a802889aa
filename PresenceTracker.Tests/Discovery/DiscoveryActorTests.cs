using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using PresenceTracker.Actors;
using PresenceTracker.Configuration;
using PresenceTracker.Discovery;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Tests.Actors;
using PresenceTracker.Tests.Diagnostics;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.Discovery;

/// <summary>When it looks, and what it tells the monitor, on virtual time.</summary>
public sealed class DiscoveryActorTests : TestKit
{
    private const string Own = "self.example:1";

    private static readonly Config Virtual = ConfigurationFactory.ParseString("""
        akka.scheduler.implementation = "PresenceTracker.Tests.Actors.VirtualScheduler, PresenceTracker.Tests"
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        """);

    private readonly ScriptedDiscovery _first = new();
    private readonly ScriptedDiscovery _second = new();
    private readonly TestProbe _monitor;
    private readonly IActorRef _actor;

    public DiscoveryActorTests()
        : base(Virtual)
    {
        var settings = PresenceSettings.From(ConfigurationFactory.Empty);
        var runtime = new NodeRuntime(settings, new NodeId(Own, new Incarnation(1, 1)));
        var options = NodeOptions.From(settings, [_first, _second], seed: 0, "akka.actor.default-dispatcher");
        _monitor = CreateTestProbe();
        _actor = _monitor.ChildActorOf(Props.Create(() => new DiscoveryActor(runtime, options)));
    }

    [Fact]
    public async Task What_all_have_found_is_told_whenever_it_is_another()
    {
        await AnswerAsync(_first, Finding.Of(["b:1", "c:1"]));
        await ToldAsync(["b:1", "c:1"], awaitsMore: false);

        await AnswerAsync(_second, Finding.Of(["c:1", "d:1"]));
        await ToldAsync(["b:1", "c:1", "d:1"], awaitsMore: false);

        await AdvanceAsync(1);
        await AnswerAsync(_first, Finding.Of(["b:1", "c:1"]));
        await AnswerAsync(_second, Finding.Of(["d:1", "e:1"]));
        await ToldAsync(["b:1", "c:1", "d:1", "e:1"], awaitsMore: false);
    }

    [Fact]
    public async Task That_there_is_nobody_is_told_once_every_way_was_looked_at_with_success()
    {
        await AnswerAsync(_first, Finding.Of([Own]));
        await ToldAsync([Own], awaitsMore: true);
        await AnswerAsync(_second, Finding.Nothing(DiscoveryFaultKind.Unresolved, "nothing"));
        await AdvanceAsync(1);
        await AnswerAsync(_first, Finding.Of([Own]));
        await AnswerAsync(_second, Finding.Of([]));

        await ToldAsync([Own], awaitsMore: false);
    }

    [Fact]
    public async Task A_way_that_finds_nothing_at_present_takes_nothing_away_and_its_faults_are_counted()
    {
        using var metrics = new MeterProbe(Own);
        await AnswerAsync(_first, Finding.Of(["b:1"]));
        await ToldAsync(["b:1"], awaitsMore: false);

        await AdvanceAsync(1);
        await AnswerAsync(_first, Finding.Nothing(DiscoveryFaultKind.Unresolved, "no server"));
        await AnswerAsync(_second, Finding.Of(["c:1"]));

        await ToldAsync(["b:1", "c:1"], awaitsMore: false);
        Assert.Equal(1, metrics.Read("presence.discovery.faults", "source=Dns", "kind=Unresolved"));
    }

    [Fact]
    public async Task It_looks_each_second_at_first_and_then_each_interval_after_an_answer()
    {
        for (var looks = 1; looks <= DiscoveryActor.EagerLooks; looks++)
        {
            await AnswerAsync(_first, Finding.Of([]));
            Assert.False(_first.HasLook);
            await AdvanceAsync(looks < DiscoveryActor.EagerLooks ? 1 : 4.9);
        }

        Assert.False(_first.HasLook);
        await AdvanceAsync(0.1);
        var unanswered = await _first.NextLookAsync();
        await AdvanceAsync(60);
        Assert.False(_first.HasLook);
        await ScriptedDiscovery.AnswerAsync(unanswered, Finding.Of([]));
    }

    [Fact]
    public async Task What_changes_is_looked_at_at_once_and_never_twice_at_the_same_time()
    {
        var look = await _first.NextLookAsync();
        for (var hints = 0; hints < 100; hints++)
        {
            _first.Changed();
        }

        await SettleAsync();
        Assert.False(_first.HasLook);
        await ScriptedDiscovery.AnswerAsync(look, Finding.Of([]));

        // Something has changed while it looked.
        await AnswerAsync(_first, Finding.Of([]));
        Assert.False(_first.HasLook);
        _first.Changed();
        await AnswerAsync(_first, Finding.Of(["b:1"]));
        await ToldAsync(["b:1"], awaitsMore: false);
    }

    [Fact]
    public async Task Its_ways_end_with_it()
    {
        Watch(_actor);
        Sys.Stop(_actor);
        await ExpectTerminatedAsync(_actor);

        Assert.True(_first.IsDisposed && _second.IsDisposed);
    }

    private async Task AnswerAsync(ScriptedDiscovery discovery, Finding finding)
    {
        await ScriptedDiscovery.AnswerAsync(await discovery.NextLookAsync(), finding);
        await SettleAsync();
    }

    private async Task ToldAsync(string[] addresses, bool awaitsMore)
    {
        var told = await _monitor.ExpectMsgAsync<Discovered>(Expect.Patience);
        Assert.Equal(addresses, told.Addresses.AsEnumerable());
        Assert.Equal(awaitsMore, told.AwaitsMore);
    }

    private async Task AdvanceAsync(double seconds)
    {
        await SettleAsync();
        ((VirtualScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(seconds));
        await SettleAsync();
    }

    // Its answer comes behind all that it was told before.
    private Task SettleAsync() => _actor.Ask<ActorIdentity>(new Identify(messageId: null)).InTime();
}
