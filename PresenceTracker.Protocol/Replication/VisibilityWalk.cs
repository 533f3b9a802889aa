using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// Shows, hides and replaces replicas. Each slice changes readable state, counts and diff together, so that the folded diffs equal the
/// list at every step.
/// </summary>
internal static class VisibilityWalk
{
    /// <summary>Walks over at most <paramref name="entriesMax"/> entries. The walk is over when the direction is none again.</summary>
    /// <returns>How many entries it walked over.</returns>
    public static int RunSlice(ReplicaState replica, Listing listing, int entriesMax, MonotonicTime now) =>
        replica.Visibility.Walk == WalkDirection.Showing
            ? ShowSlice(replica, listing, entriesMax)
            : HideSlice(replica, listing, entriesMax, now);

    /// <summary>What readers still see of presences whose dot is dead goes with the replica that is hidden.</summary>
    public static void HideDepartures(ReplicaState replica, Listing listing, LeaveReason reason, MonotonicTime now)
    {
        foreach (var presence in replica.Departures.TakeShown())
        {
            listing.LeaveOrHold(presence, reason, now);
        }
    }

    /// <summary>
    /// Puts a replica that is complete in the place of the older one of the same shard, in one diff. What reads alike in both is no event:
    /// a shard that crashed and came back is not seen to have been away.
    /// </summary>
    /// <remarks>
    /// Deviation from the slices of every other walk: done in one turn, because the pairing of old and new entries has no single position
    /// that a reversal could turn round at. It happens after a crash of a shard only.
    /// </remarks>
    public static void Replace(ReplicaState old, ReplicaState replica, Listing listing)
    {
        var oldShown = old.Between(0, ulong.MaxValue).Where(presence => old.Visibility.IsShown(presence.Dot)).ToList();
        oldShown.AddRange(old.Departures.TakeShown());
        foreach (var previous in oldShown)
        {
            if (replica.Get(previous.Id) is { } presence)
            {
                replica.Visibility.KeepShown(presence.Dot);
                listing.Exchange(previous, presence);
            }
            else
            {
                listing.Leave(previous, LeaveReason.Unobserved);
            }
        }

        foreach (var presence in replica.Between(0, ulong.MaxValue).Where(presence => !replica.Visibility.IsShown(presence.Dot)))
        {
            listing.Join(presence);
        }

        replica.Visibility.ShowAll();
    }

    private static int ShowSlice(ReplicaState replica, Listing listing, int entriesMax)
    {
        var visibility = replica.Visibility;
        var slice = replica.Between(visibility.ShownThrough, ulong.MaxValue).Take(entriesMax).ToList();
        foreach (var presence in slice)
        {
            if (!visibility.IsShown(presence.Dot))
            {
                // A presence that was held while its node was away is still listed.
                if (!listing.Release(presence))
                {
                    listing.Join(presence);
                }
            }

            visibility.MoveTo(presence.Dot);
            visibility.Forget(presence.Dot);
        }

        if (slice.Count < entriesMax)
        {
            visibility.ShowAll();
        }

        return slice.Count;
    }

    private static int HideSlice(ReplicaState replica, Listing listing, int entriesMax, MonotonicTime now)
    {
        var visibility = replica.Visibility;
        var walked = 0;
        while (walked < entriesMax && visibility.TakeHighestShownAbove() is { } dot)
        {
            listing.LeaveOrHold(Expect(replica, dot), visibility.Reason, now);
            walked++;
        }

        var slice = replica.BetweenDescending(0, visibility.ShownThrough).Take(entriesMax - walked).ToList();
        foreach (var presence in slice)
        {
            listing.LeaveOrHold(presence, visibility.Reason, now);
            visibility.MoveTo(presence.Dot - 1);
        }

        if (walked + slice.Count < entriesMax)
        {
            // The walk does not meet what was found dead meanwhile.
            HideDepartures(replica, listing, visibility.Reason, now);
            visibility.FinishHiding();
        }

        return walked + slice.Count;
    }

    private static Presence Expect(ReplicaState replica, ulong dot) =>
        replica.Get(dot) ?? throw new InvariantViolationException($"the dot {dot} of {replica.Id} is shown but not held");
}
