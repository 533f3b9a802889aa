using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>A topic that a connection is in: its feed, and the update that waits for its time.</summary>
internal sealed class JoinedTopic(TopicMember member, string @ref)
{
    public TopicMember Member { get; } = member;

    public string Key => Member.Key;

    /// <summary>The ref of the presence as it is published.</summary>
    public string Ref { get; private set; } = @ref;

    /// <summary>When an update was last published; null if none has been since the join.</summary>
    public TimeSpan? UpdatedAt { get; private set; }

    /// <summary>The last meta that the client gave, if it has not been published yet.</summary>
    public Meta? Pending { get; set; }

    public void Updated(string @ref, TimeSpan now) => (Ref, UpdatedAt, Pending) = (@ref, now, null);
}
