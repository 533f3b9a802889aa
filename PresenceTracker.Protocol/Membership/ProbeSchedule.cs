using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// SWIM §4.3: whom to probe, in a round that takes each member once, in an order that is drawn anew for each round; a new member comes in
/// at a random place. So two probes of one member are never more than 2N − 1 periods apart, where a random choice each time knows no bound.
/// Deviation: a member whose connection broke jumps the queue.
/// </summary>
internal sealed class ProbeSchedule(MemberTable members, Prng prng)
{
    private readonly List<string> _round = [];
    private readonly SortedSet<string> _listed = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _jumping = new(StringComparer.Ordinal);
    private int _next;

    public void Add(string address)
    {
        if (!_listed.Add(address)) return;

        var place = prng.Next(_round.Count + 1);
        _round.Insert(place, address);
        if (place < _next) _next++;
    }

    /// <summary>Makes the probe of that member the next one.</summary>
    public void ProbeNext(string address) => _jumping.Add(address);

    /// <summary>Who jumps the queue and is up or suspect. Null if there is none.</summary>
    public Member? NextJumping()
    {
        while (_jumping.Min is { } jumping)
        {
            _jumping.Remove(jumping);
            if (Probed(jumping) is { } member) return member;
        }

        return null;
    }

    /// <summary>Whose turn it is, among those up or suspect. Null if there is none.</summary>
    public Member? Next()
    {
        if (NextJumping() is { } first) return first;

        while (_round.Count > 0)
        {
            if (_next == _round.Count) Shuffle();
            if (Probed(_round[_next]) is { } member)
            {
                _next++;
                return member;
            }

            _listed.Remove(_round[_next]);
            _round.RemoveAt(_next);
        }

        return null;
    }

    /// <summary>The member, if it is to be probed at all.</summary>
    public Member? Probed(string address) => members.TryGet(address, out var member) && member.State != MemberState.Down ? member : null;

    private void Shuffle()
    {
        for (var i = _round.Count - 1; i > 0; i--)
        {
            var other = prng.Next(i + 1);
            (_round[i], _round[other]) = (_round[other], _round[i]);
        }

        _next = 0;
    }
}
