using System.Collections.Immutable;
using Akka.Actor;
using PresenceTracker.Actors;

namespace PresenceTracker.Subscriptions;

/// <summary>
/// One reader's window on some keys over all topics, a friends list: which of them are online, and each change of that.
/// </summary>
/// <remarks>
/// A key that goes from one topic to another without being in both for a moment goes offline and comes online; on another node also one that
/// is in both for less than a few milliseconds may, because topics spread independently of each other.
/// </remarks>
/// <inheritdoc/>
public sealed class KeySubscription : Subscription<ImmutableSortedSet<string>, KeyDiff>
{
    internal KeySubscription(ImmutableSortedSet<string> keys, NodeRuntime runtime)
        : base(runtime) => Keys = keys;

    /// <summary>The keys that are watched.</summary>
    public ImmutableSortedSet<string> Keys { get; }

    internal override void Request() => Publisher.Tell(new DiffPublisher.Watch(this), ActorRefs.NoSender);

    private protected override void Unsubscribe() => Publisher.Tell(new DiffPublisher.Unwatch(this), ActorRefs.NoSender);

    private protected override KeyDiff Between(ImmutableSortedSet<string> before, ImmutableSortedSet<string> after) =>
        new([.. after.Except(before)], [.. before.Except(after)]);

    private protected override ImmutableSortedSet<string> After(ImmutableSortedSet<string> before, KeyDiff diff) =>
        before.Union(diff.CameOnline).Except(diff.WentOffline);

    private protected override bool IsEmpty(KeyDiff diff) => diff.CameOnline.Count == 0 && diff.WentOffline.Count == 0;
}
