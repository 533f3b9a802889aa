using Akka.Actor;
using PresenceTracker;
using PresenceTracker.Owners;

namespace GameServer;

/// <summary>
/// A player's session: plays in a room, changes rooms, ends. It owns its presence, so however it ends, by itself or by a crash, the player
/// is out of the room without any code for that.
/// </summary>
internal sealed class PlayerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Tracker _tracker;
    private readonly Owner _owner;
    private string _room = Room.Any();
    private int _level = 1;

    public PlayerActor(Tracker tracker)
    {
        _tracker = tracker;
        _owner = Owner.Actor(Self);
        ReceiveAsync<Turn>(_ => PlayAsync());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static string Name => Context.Self.Path.Name;

    protected override void PreStart() => Timers.StartPeriodicTimer("turn", new Turn(), TimeSpan.Zero, Tick);

    private async Task PlayAsync()
    {
        switch (Random.Shared.Next(10))
        {
            case 0:
                Context.Stop(Self);
                return;
            case 1 or 2:
                await _tracker.UntrackAsync(_room, Name, _owner);
                _room = Room.Any();
                break;
            case 3 or 4:
                _level++;
                break;
        }

        // Lists the player, or shows the new level; changes nothing if all is as it was.
        await _tracker.TrackOrUpdateAsync(_room, Name, _owner, new PlayerMeta(_level));
    }

    private sealed record Turn;
}
