using System.Collections.Immutable;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// Applies "dots (from, to], as of V" to what is held of a replica. Commutative, associative and idempotent, because only the replica writes
/// its sequences; costs O(message).
/// </summary>
/// <remarks>
/// After "An Optimized Conflict-free Replicated Set" (Bieniusa et al., 2012) and "Delta State Replicated Data Types" (Almeida, Shoker and
/// Baquero, 2016). Deviation: no dot cloud and no context on the wire; a message names one contiguous range of one replica, and what a
/// receiver knows of older dots is kept as ranges, each with the version it is known as of.
/// </remarks>
internal static class DotsMerge
{
    public static void Apply(ReplicaState replica, Dots dots, Listing listing)
    {
        var fresh = replica.Known.OlderThan(dots.From, dots.To, dots.AsOf);
        replica.Horizon = Math.Max(replica.Horizon, Math.Max(dots.Horizon, dots.AsOf));
        var contextBefore = replica.Context;
        if (!dots.IsDelta)
        {
            DropMissing(replica, dots, fresh);
        }

        ApplyInOrder(replica, dots, fresh, listing);
        replica.Known.Cover(dots.From, dots.To, dots.AsOf, dots.IsDelta);
        MoveLog(replica, dots, contextBefore);
        if (replica.IsSettled)
        {
            Settle(replica, listing);
        }
    }

    /// <summary>
    /// Operations are applied by rising sequence, so that an update whose entry is missing (it died before V) still links the presence that
    /// readers have to what happened to it next.
    /// </summary>
    private static void ApplyInOrder(ReplicaState replica, Dots dots, List<(ulong From, ulong To)> fresh, Listing listing)
    {
        var removals = dots.IsDelta ? dots.Removals : [];
        var removal = 0;
        var range = 0;
        foreach (var entry in dots.Entries)
        {
            while (removal < removals.Length && removals[removal].Sequence <= entry.Dot)
            {
                ApplyRemoval(replica, removals[removal++], listing);
            }

            while (range < fresh.Count && fresh[range].To < entry.Dot)
            {
                range++;
            }

            if (range < fresh.Count && fresh[range].From < entry.Dot)
            {
                ApplyEntry(replica, entry, listing);
            }
        }

        while (removal < removals.Length)
        {
            ApplyRemoval(replica, removals[removal++], listing);
        }
    }

    private static void ApplyRemoval(ReplicaState replica, Removal removal, Listing listing)
    {
        Presence presence;
        bool isShown;
        if (replica.Get(removal.Removed) is { } live)
        {
            presence = live;
            isShown = Drop(replica, live);
        }
        else if (replica.Departures.TakeByDot(removal.Removed) is { Presence: { } departing } departure)
        {
            presence = departing;
            isShown = departure.IsShown;
        }
        else
        {
            return;
        }

        if (removal.Cause == RemovalCause.Updated)
        {
            replica.Departures.Await(presence, removal.Sequence, isShown);
            return;
        }

        if (isShown)
        {
            listing.Leave(presence, (LeaveReason)removal.Cause);
        }

        replica.Departures.Bury(presence.Id, removal.Sequence);
    }

    private static void ApplyEntry(ReplicaState replica, Presence entry, Listing listing)
    {
        if (entry.Dot <= replica.SettledAt || replica.Get(entry.Dot) is not null)
        {
            return;
        }

        if (replica.Get(entry.Id) is { } held)
        {
            if (held.Dot > entry.Dot)
            {
                // The owner has one live dot for an id at a time: a lower one than the one that is held is dead.
                return;
            }

            var isShown = Drop(replica, held);
            Supersede(replica, held, isShown, entry, listing);
        }
        else if (replica.Departures.IsDead(entry.Id, entry.Dot))
        {
            return;
        }
        else if (replica.Departures.Take(entry.Id) is { Presence: { } departing } departure)
        {
            Supersede(replica, departing, departure.IsShown, entry, listing);
        }
        else if (replica.Visibility.IsShown(entry.Dot))
        {
            listing.Join(entry);
        }

        replica.Insert(entry);
    }

    private static void Supersede(ReplicaState replica, Presence previous, bool isShown, Presence entry, Listing listing)
    {
        if (isShown)
        {
            replica.Visibility.KeepShown(entry.Dot);
            listing.Exchange(previous, entry);
        }
        else if (replica.Visibility.IsShown(entry.Dot))
        {
            listing.Join(entry);
        }
    }

    /// <summary>
    /// A chunk says what is live as of V; what is held in its range and not named is dead, and stays readable until its fate is known.
    /// </summary>
    private static void DropMissing(ReplicaState replica, Dots dots, List<(ulong From, ulong To)> fresh)
    {
        var named = 0;
        foreach (var (from, to) in fresh)
        {
            foreach (var held in replica.Between(from, to).ToImmutableArray())
            {
                while (named < dots.Entries.Length && dots.Entries[named].Dot < held.Dot)
                {
                    named++;
                }

                if (named < dots.Entries.Length && dots.Entries[named].Dot == held.Dot)
                {
                    continue;
                }

                var isShown = Drop(replica, held);
                replica.Departures.Await(held, held.Dot, isShown);
            }
        }
    }

    private static bool Drop(ReplicaState replica, Presence presence)
    {
        var isShown = replica.Visibility.IsShown(presence.Dot);
        replica.Remove(presence);
        replica.Visibility.Forget(presence.Dot);
        return isShown;
    }

    /// <summary>
    /// The log stays contiguous up to the context only if a delta moved the context exactly to its own end; otherwise it begins anew there.
    /// </summary>
    private static void MoveLog(ReplicaState replica, Dots dots, ulong contextBefore)
    {
        var context = replica.Context;
        if (context == contextBefore)
        {
            return;
        }

        if (!dots.IsDelta || dots.From > contextBefore || context != dots.To)
        {
            replica.Log.RestartAt(context);
            return;
        }

        foreach (var removal in dots.Removals)
        {
            if (removal.Sequence > contextBefore)
            {
                replica.Log.Append(removal);
            }
        }
    }

    /// <summary>
    /// Every dot up to the horizon is covered as of some version. What was live at the horizon lay in one of the ranges since before that
    /// range was covered, so it is held; and a presence that is not held has left. The ranges may still differ in age, and hold what has
    /// died since; but nothing that readers wait for can come any more.
    /// </summary>
    private static void Settle(ReplicaState replica, Listing listing)
    {
        replica.SettledAt = replica.Horizon;
        if (replica.Departures.IsEmpty)
        {
            return;
        }

        foreach (var presence in replica.Departures.TakeShown())
        {
            listing.Leave(presence, LeaveReason.Unobserved);
        }

        replica.Departures.Clear();
    }
}
