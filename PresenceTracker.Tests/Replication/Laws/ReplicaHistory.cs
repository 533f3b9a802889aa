using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>Everything that one replica ever did, told naively: the truth that the presence sets are compared with.</summary>
internal sealed class ReplicaHistory(ReplicaId replica)
{
    private readonly List<Written> _written = [];
    private readonly List<Removal> _removals = [];

    public ReplicaId Replica { get; } = replica;

    public ulong Version { get; private set; }

    public void Write(Presence presence)
    {
        Assert.Equal(++Version, presence.Dot);
        _written.Add(new Written(presence));
    }

    public void Replace(Presence previous, Presence presence)
    {
        Write(presence);
        End(previous, RemovalCause.Updated);
    }

    public void Remove(Presence presence, RemovalCause cause)
    {
        Version++;
        End(presence, cause);
    }

    public IEnumerable<Presence> LiveAt(ulong version) => LiveThrough(version, version);

    /// <summary>What was live at <paramref name="version"/> and still at <paramref name="horizon"/>.</summary>
    public IEnumerable<Presence> LiveThrough(ulong version, ulong horizon) =>
        from written in _written
        where written.Presence.Dot <= version && written.DiedAt > horizon
        select written.Presence;

    public IEnumerable<Removal> RemovalsIn(ulong from, ulong to) =>
        from removal in _removals
        where removal.Sequence > @from && removal.Sequence <= to
        select removal;

    /// <summary>Whether the presence was ended, not just updated, after one dot and before another.</summary>
    public bool WasEnded(PresenceId id, ulong after, ulong before) =>
        _written.Exists(written =>
            written.Presence.Id == id
            && written.Presence.Dot >= after
            && written.DiedAt < before
            && _removals.Exists(removal => removal.Sequence == written.DiedAt && removal.Cause != RemovalCause.Updated));

    private void End(Presence presence, RemovalCause cause)
    {
        _removals.Add(new Removal(Version, presence.Dot, cause));
        _written.Single(written => written.Presence.Dot == presence.Dot).DiedAt = Version;
    }

    private sealed class Written(Presence presence)
    {
        public Presence Presence { get; } = presence;

        public ulong DiedAt { get; set; } = ulong.MaxValue;
    }
}
