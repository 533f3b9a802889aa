using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Gateway;

/// <summary>
/// What actors of this actor system can say to <see cref="PresenceTrackerExtension.Gateway"/>. Each is answered to its sender, by what it says
/// or by <see cref="Akka.Actor.Status.Failure"/> with the exception that the method of <see cref="Tracker"/> would throw.
/// </summary>
public abstract record TrackerMessage
{
    private TrackerMessage()
    {
    }

    /// <summary>Answered by a <see cref="TrackResult"/>.</summary>
    /// <param name="Owner">Null for the sender itself: the presence ends when that actor stops.</param>
    public sealed record Track(string Topic, string Key, Meta? Meta = null, Owner? Owner = null) : TrackerMessage;

    /// <summary>Tracks, or updates what the owner tracks there already. Answered by a <see cref="TrackResult"/>.</summary>
    /// <param name="Owner">Null for the sender itself.</param>
    public sealed record TrackOrUpdate(string Topic, string Key, Meta? Meta = null, Owner? Owner = null) : TrackerMessage;

    /// <summary>Answered by a <see cref="TrackResult"/>.</summary>
    /// <param name="Owner">Null for the sender itself.</param>
    public sealed record Update(string Topic, string Key, Meta Meta, Owner? Owner = null) : TrackerMessage;

    /// <summary>Answered by a <see cref="TrackResult"/>.</summary>
    /// <param name="Owner">Null for the sender itself.</param>
    public sealed record Untrack(string Topic, string Key, Owner? Owner = null) : TrackerMessage;

    /// <summary>Answered by a <see cref="TopicView"/>.</summary>
    public sealed record List(string Topic) : TrackerMessage;

    /// <summary>
    /// Answered by a <see cref="TopicView"/> and then, for as long as the sender lives or until it says otherwise, by each later
    /// <see cref="TopicDiff"/>. Said again for the same topic, it changes nothing. A sender with 64 of them in its mailbox gets no more until it
    /// has handled these, and then, if it has fallen behind by more than a subscription's queue holds, one diff to the present state.
    /// An actor of another system is refused with <see cref="Errors.RemoteOwnerException"/>: let it speak to the tracker of its own.
    /// </summary>
    public sealed record Subscribe(string Topic) : TrackerMessage;

    /// <summary>Ends the sender's subscription of the topic. Not answered.</summary>
    public sealed record Unsubscribe(string Topic) : TrackerMessage;
}
