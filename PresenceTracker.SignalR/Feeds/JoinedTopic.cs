using System.Diagnostics;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>A topic that a connection is in: what tells it, its presence there, and the update that waits for its time.</summary>
/// <param name="key">Null if the connection only watches.</param>
/// <param name="ref">That of the presence; null if there is none.</param>
internal sealed class JoinedTopic(ITopicFollower follower, string? key, string? @ref)
{
    // Null if no update has been published since the join.
    private long? _updatedAt;

    public ITopicFollower Follower { get; set; } = follower;

    /// <summary>Whether the connection is told how many are there, and not who.</summary>
    public bool IsCounted => Follower is CountFeed;

    /// <summary>Under which the connection is present; null if it only watches.</summary>
    public string? Key { get; } = key;

    /// <summary>The ref of the presence as it is published; null if the connection only watches.</summary>
    public string? Ref { get; private set; } = @ref;

    /// <summary>The last meta that the client gave, if it has not been published yet.</summary>
    public Meta? Pending { get; set; }

    /// <summary>How long the next update has to wait; nothing if it is not above zero.</summary>
    /// <param name="interval">Between two updates.</param>
    public TimeSpan UntilNextUpdate(TimeSpan interval) =>
        _updatedAt is { } updatedAt ? interval - Stopwatch.GetElapsedTime(updatedAt) : TimeSpan.Zero;

    /// <summary>An update has been published.</summary>
    public void Updated(string @ref) => (Ref, _updatedAt, Pending) = (@ref, Stopwatch.GetTimestamp(), null);
}
