using Akka.Actor;
using PresenceTracker;

namespace GameServer;

/// <summary>Lets players in, one every tick, as long as there is room; stands for the network.</summary>
internal sealed class LobbyActor : ReceiveActor, IWithTimers
{
    private const int PlayersMax = 12;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    public LobbyActor(Tracker tracker)
    {
        Receive<NextPlayer>(_ =>
        {
            if (Context.GetChildren().Count() < PlayersMax)
            {
                var name = $"player-{Guid.NewGuid().ToString("N")[..6]}";
                Context.ActorOf(Props.Create(() => new PlayerActor(tracker)), name);
            }
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("next", new NextPlayer(), TimeSpan.Zero, Tick);

    private sealed record NextPlayer;
}
