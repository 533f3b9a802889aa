namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>The kinds of cases that a generator must produce; each law names those that it needs, and fails where one is rare.</summary>
[Flags]
internal enum LawClass
{
    None = 0,
    ThreeReplicas = 1 << 0,
    Update = 1 << 1,
    Split = 1 << 2,
    Chunk = 1 << 3,
    Relay = 1 << 4,
    Loss = 1 << 5,
    Repetition = 1 << 6,
    Disorder = 1 << 7,
    Supersession = 1 << 8,
    Epoch = 1 << 9,
    Rename = 1 << 10,
    Hide = 1 << 11,
    Show = 1 << 12,
    Purge = 1 << 13,
    Reversal = 1 << 14,
    Hold = 1 << 15,
    LogUnder = 1 << 16,
    LogAt = 1 << 17,
    LogOver = 1 << 18,
    MessageUnder = 1 << 19,
    MessageAt = 1 << 20,
    MessageOver = 1 << 21,
    WalkUnder = 1 << 22,
    WalkAt = 1 << 23,
    WalkOver = 1 << 24,

    /// <summary>More happened during a catch-up than the log holds.</summary>
    LogOutrun = 1 << 25,

    /// <summary>A node ended its presence of a lease, because another has a newer one.</summary>
    Yield = 1 << 26,

    Messages = ThreeReplicas | Update | Split | Chunk | Relay | Loss | Repetition | Disorder,
    Membership = Supersession | Epoch | Rename | Hide | Show | Purge | Reversal | Hold,
    Thresholds = LogUnder | LogAt | LogOver | MessageUnder | MessageAt | MessageOver | WalkUnder | WalkAt | WalkOver,
    All = Messages | Membership | Thresholds | Yield,
}
