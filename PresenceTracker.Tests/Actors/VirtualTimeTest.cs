using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using PresenceTracker.Actors;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.Actors;

/// <summary>
/// A node in an actor system without remoting, whose clock stands still until the test moves it. What actors say to each other takes no time on
/// it, so a test lets them finish (<see cref="SettleAsync"/>) before it moves the clock or says that something did not happen.
/// </summary>
public abstract class VirtualTimeTest : TestKit
{
    protected const string Room = "room:1";

    private static readonly Config Setup = ConfigurationFactory.ParseString("""
        akka.scheduler.implementation = "PresenceTracker.Tests.Actors.VirtualScheduler, PresenceTracker.Tests"
        akka.loglevel = OFF
        akka.stdout-loglevel = OFF
        presence.shards = 1
        presence.leave-grace = 3 s
        """);

    private readonly Owner _nobody = Owner.Connection("nobody");

    protected VirtualTimeTest(string hocon = "")
        : base(ConfigurationFactory.ParseString(hocon).WithFallback(Setup))
    {
        Tracker = PresenceTrackerExtension.For(Sys).Tracker;
    }

    internal Tracker Tracker { get; }

    /// <summary>The supervisor of the node's actors.</summary>
    internal ActorSelection Node => Sys.ActorSelection($"/user/{PresenceSupervisor.Name}");

    protected VirtualScheduler Clock => (VirtualScheduler)Sys.Scheduler;

    internal async Task<IActorRef> ActorAsync(string name)
    {
        await Tracker.Ready.InTime();
        return await Sys.ActorSelection($"/user/{PresenceSupervisor.Name}/{name}").ResolveOne(Expect.Patience);
    }

    /// <summary>Moves the clock once all actors have done what there was to do, and lets them do what is due then.</summary>
    internal async Task AdvanceAsync(TimeSpan time)
    {
        await SettleAsync();
        Clock.Advance(time);
        await SettleAsync();
    }

    /// <summary>
    /// A question goes from the caller to the owner watch and one to the shard, and each is answered behind all that was under way; the
    /// second time, behind what that led to.
    /// </summary>
    internal async Task SettleAsync()
    {
        for (var i = 0; i < 3; i++)
        {
            await Tracker.UntrackAsync(_nobody).InTime();
            await Tracker.UntrackAsync(Room, "nobody", _nobody).InTime();
        }
    }
}
