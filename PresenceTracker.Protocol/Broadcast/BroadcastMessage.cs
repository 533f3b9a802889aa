using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>What the broadcast cores of different nodes say to each other. Closed: the wire knows exactly these.</summary>
public abstract record BroadcastMessage
{
    private BroadcastMessage()
    {
    }

    /// <summary>A broadcast, on an eager link.</summary>
    /// <param name="Hops">Those that it has made when it arrives.</param>
    /// <param name="Payload">As its origin encoded it: who passes it on does not look into it.</param>
    public sealed record Gossip(BroadcastId Id, int Hops, ImmutableArray<byte> Payload) : BroadcastMessage;

    /// <summary>What went over other links than this lazy one.</summary>
    public sealed record IHave(ImmutableArray<Announcement> Announcements) : BroadcastMessage;

    /// <summary>Makes the link eager.</summary>
    /// <param name="Missing">What the sender lacks and the receiver has announced; null when it lacks nothing.</param>
    public sealed record Graft(BroadcastId? Missing) : BroadcastMessage;

    /// <summary>Makes the link lazy: what came over it came over another before.</summary>
    public sealed record Prune : BroadcastMessage;
}
