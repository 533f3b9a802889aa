using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Which addresses to greet, and when. Hiding or removing a node forgets its presences, not its address. Deviation: the SWIM paper never
/// speaks to a failed member again, so that the two sides of a partition stay apart for ever; here each side keeps greeting the other.
/// </summary>
internal sealed class AddressBook(MembershipOptions options, MemberTable members)
{
    private readonly SortedDictionary<string, Contact> _contacts = new(StringComparer.Ordinal);
    private MonotonicTime? _lastSlowGreeting;
    private string _lastSlowAddress = "";

    public int Count => _contacts.Count;

    /// <summary>The seeds that have never answered, by rising address.</summary>
    public ImmutableArray<string> UnansweredSeeds =>
        [.. _contacts.Values.Where(contact => contact.IsSeed && !contact.HasAnswered).Select(contact => contact.Address)];

    public bool TryGet(string address, [MaybeNullWhen(false)] out Contact contact) => _contacts.TryGetValue(address, out contact);

    /// <summary>
    /// Notes the address. When the book is full, the address that was lost longest ago makes room; seeds and members never do. Null if
    /// there is no room at all.
    /// </summary>
    public Contact? Note(string address)
    {
        if (_contacts.TryGetValue(address, out var known)) return known;
        if (_contacts.Count >= options.AddressesMax && !TryMakeRoom()) return null;

        var contact = new Contact(address);
        _contacts.Add(address, contact);
        return contact;
    }

    /// <summary>No other address is a seed any more. Those at which there never was a node are forgotten.</summary>
    public void KeepSeeds(SortedSet<string> seeds)
    {
        foreach (var contact in _contacts.Values.Where(contact => contact.IsSeed && !seeds.Contains(contact.Address)).ToArray())
        {
            contact.IsSeed = false;
            ForgetIfNeverSeen(contact);
        }
    }

    public void ForgetIfNeverSeen(Contact contact)
    {
        if (!contact.IsSeed && !contact.HasAnswered && !members.Contains(contact.KnownAs)) _contacts.Remove(contact.Address);
    }

    /// <summary>
    /// Whom to greet now: by rising address every address that has been pending for less than an hour, and now and then one of the
    /// others, in turn.
    /// </summary>
    public List<Contact> TakeDue(MonotonicTime now)
    {
        var due = new List<Contact>();
        var slow = new List<Contact>();
        foreach (var contact in _contacts.Values)
        {
            if (IsMissed(contact, now))
            {
                var isSlow = contact.HasLeft || now - contact.PendingSince >= options.SlowGreetingAfter;
                (isSlow ? slow : due).Add(contact);
            }
        }

        if (slow.Count > 0 && (_lastSlowGreeting is not { } last || now - last >= options.SlowGreetingInterval))
        {
            var next = slow.Find(contact => string.CompareOrdinal(contact.Address, _lastSlowAddress) > 0) ?? slow[0];
            _lastSlowAddress = next.Address;
            _lastSlowGreeting = now;
            due.Add(next);
        }

        return due;
    }

    private bool IsMissed(Contact contact, MonotonicTime now)
    {
        if (contact.IsSelf) return false;

        // Where a cluster around says who is a peer, who is none any more never comes back as the same life.
        if (options.PeersAreGiven && !contact.IsSeed) return false;
        if (members.IsLive(contact.KnownAs))
        {
            contact.IsMember = true;
        }
        else if (contact.IsMember || !contact.IsPending)
        {
            contact.IsMember = false;

            // Who left has no reason to come back to this address, unless it is a seed: that is where its successor will be.
            if (members.HasLeft(contact.KnownAs) && !contact.IsSeed)
            {
                contact.AwaitAfterLeave(now);
            }
            else
            {
                contact.Await(now);
            }
        }

        return contact.IsPending;
    }

    private bool TryMakeRoom()
    {
        Contact? oldest = null;
        foreach (var contact in _contacts.Values)
        {
            var isLost = !contact.IsSeed && !contact.IsSelf && !members.Contains(contact.KnownAs);
            if (isLost && (oldest is null || contact.PendingSince < oldest.PendingSince)) oldest = contact;
        }

        if (oldest is null) return false;
        _contacts.Remove(oldest.Address);
        return true;
    }
}
