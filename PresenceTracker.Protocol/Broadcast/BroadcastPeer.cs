using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>A neighbour in the overlay.</summary>
internal sealed class BroadcastPeer(NodeId id)
{
    public NodeId Id { get; } = id;

    /// <summary>Whether broadcasts go to it at once, or are only announced. At first every link is eager.</summary>
    public bool IsEager { get; set; } = true;

    /// <summary>What it is to be told of at the next <see cref="BroadcastOptions.AnnounceInterval"/>, eager by then or not.</summary>
    public List<Announcement> Announcements { get; } = [];
}
