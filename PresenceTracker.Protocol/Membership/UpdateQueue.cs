using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// SWIM §4.1: what is news of others rides on the messages that are sent anyway, each piece a limited number of times and those
/// that were sent least first. Of each node only the latest is kept, so the queue is never longer than the list of known addresses.
/// </summary>
internal sealed class UpdateQueue(MembershipOptions options)
{
    private readonly SortedDictionary<string, Entry> _byAddress = new(StringComparer.Ordinal);
    private readonly SortedSet<Entry> _byTurn = new(Comparer<Entry>.Create(CompareTurns));
    private readonly List<MemberUpdate> _urgent = [];
    private ulong _order;

    public bool IsEmpty => _byAddress.Count == 0;

    /// <summary>Replaces whatever was to be told of that address.</summary>
    public void Add(MemberUpdate update)
    {
        Forget(update.Node.Address);
        if (_byAddress.Count >= options.AddressesMax) Forget(_byTurn.Max!.Update.Node.Address);
        Put(new Entry(update, 0, ++_order));
    }

    /// <summary>This node is the source of the update, or one of few: in a large cluster it is broadcast, beside what rides on messages.</summary>
    public void Urge(MemberUpdate update) => _urgent.Add(update);

    /// <summary>What is urgent since the last time, as much of it as a message holds: what the rest says is news all the same.</summary>
    public ImmutableArray<MemberUpdate> TakeUrgent()
    {
        if (_urgent.Count == 0) return [];

        ImmutableArray<MemberUpdate> taken = [.. _urgent.Take(MembershipOptions.UpdatesPerMessageMax)];
        _urgent.Clear();
        return taken;
    }

    /// <summary>What goes into one message, and thereby counts as sent once.</summary>
    /// <param name="first">What goes before everything else; null if nothing does.</param>
    /// <param name="nodes">This one, and those up or suspect.</param>
    public ImmutableArray<MemberUpdate> Take(MemberUpdate? first, int nodes)
    {
        if (first is null && _byAddress.Count == 0) return [];

        var taken = ImmutableArray.CreateBuilder<MemberUpdate>();
        if (first is not null) taken.Add(first);
        foreach (var entry in _byTurn.Take(MembershipOptions.UpdatesPerMessageMax).ToArray())
        {
            if (taken.Count == MembershipOptions.UpdatesPerMessageMax) break;
            if (entry.Update.Node.Address == first?.Node.Address) continue;
            taken.Add(entry.Update);
            Forget(entry.Update.Node.Address);
            if (entry.Sent + 1 < options.Swim.TransmissionsMax(nodes)) Put(entry with { Sent = entry.Sent + 1 });
        }

        return taken.ToImmutable();
    }

    private static int CompareTurns(Entry left, Entry right)
    {
        var bySent = left.Sent.CompareTo(right.Sent);
        return bySent != 0 ? bySent : right.Order.CompareTo(left.Order);
    }

    private void Put(Entry entry)
    {
        _byAddress[entry.Update.Node.Address] = entry;
        _byTurn.Add(entry);
    }

    private void Forget(string address)
    {
        if (_byAddress.Remove(address, out var entry)) _byTurn.Remove(entry);
    }

    private sealed record Entry(MemberUpdate Update, int Sent, ulong Order);
}
