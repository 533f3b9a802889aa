using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Actors;

/// <summary>What shards and callers tell the owner watch.</summary>
internal abstract record OwnerMessage
{
    private OwnerMessage()
    {
    }

    /// <summary>The shard lists the presence: it is new, it has another meta, or its lease was renewed.</summary>
    /// <param name="Renewal">Of a lease: which renewal this is, to be named when it expires.</param>
    public sealed record Tracked(Owner Owner, Presence Presence, ulong Renewal) : OwnerMessage;

    /// <summary>The presence has another meta and ref.</summary>
    public sealed record Updated(Presence Presence) : OwnerMessage;

    /// <summary>The shard no longer lists the presence.</summary>
    public sealed record Untracked(PresenceId Id) : OwnerMessage;

    /// <summary>The shard has begun a new epoch and needs its local presences.</summary>
    public sealed record ReplayRequested(int Shard, int Epoch) : OwnerMessage;

    /// <summary>The presences of a connection in one shard lose it.</summary>
    public sealed record ConnectionLost(string ConnectionId, int Shard) : OwnerMessage;

    /// <summary>Ends everything of one owner in one shard.</summary>
    public sealed record UntrackOwner(Owner Owner, int Shard, TaskCompletionSource<int> Completion) : OwnerMessage;
}
