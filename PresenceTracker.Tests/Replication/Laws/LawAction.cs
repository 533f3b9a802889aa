namespace PresenceTracker.Tests.Replication.Laws;

internal enum LawAction
{
    Track,
    Update,
    Untrack,

    /// <summary>Several updates and untracks in one turn.</summary>
    Burst,
    Disconnect,
    Expire,
    Push,
    Deliver,
    Repeat,
    Lose,
    Pull,
    PullAnything,
    Exchange,
    Down,
    Remove,
    Learn,
    Show,
    Walk,
    Crash,
    Restart,
    Rename,
}
