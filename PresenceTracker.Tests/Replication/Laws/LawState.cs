using System.Collections.Immutable;
using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>
/// What one node may hold of some replicas that it does not write: an element of the lattice that merging is the join of.
/// </summary>
internal sealed class LawState
{
    private readonly LawReader _reader;
    private readonly PresenceSetOptions _options;
    private readonly Action<LawClass> _saw;

    public LawState(IReadOnlyCollection<ReplicaHistory> histories, PresenceSetOptions options, Action<LawClass> saw)
    {
        _options = options;
        _saw = saw;
        Histories = histories;
        Set = new PresenceSet(new ReplicaId(new NodeId("receiver", new Incarnation(1, 1)), LawWorld.Shard, 0), options);
        foreach (var history in histories)
        {
            Set.NodeUp(new NodeRecord(history.Replica.Node, 1, []));
        }

        _reader = new LawReader(Set, replica => histories.Single(history => history.Replica == replica));
    }

    public IReadOnlyCollection<ReplicaHistory> Histories { get; }

    public PresenceSet Set { get; }

    public IEnumerable<Presence> Listed => _reader.Listed;

    public int EventCount => _reader.EventCount;

    /// <summary>Contexts, entries and list; equal for equal states.</summary>
    public string Text => string.Join('\n', Histories
        .Select(history => $"{Set.PositionOf(history.Replica)}: {string.Join(", ", EntriesOf(history.Replica).Select(entry => entry.Dot))}")
        .Append(_reader.Text));

    public ApplyVerdict Apply(Dots dots)
    {
        var verdict = Set.Apply(dots);
        _reader.Read(Set.CompleteTurn());
        return verdict;
    }

    /// <summary>
    /// Applies all messages again and again in random order, some twice, until each replica is as new as its newest message.
    /// </summary>
    public LawState ApplyAll(IEnumerable<Dots> messages, Prng prng)
    {
        var all = messages.ToList();
        for (var pass = 0; all.Exists(message => Set.PositionOf(message.Replica)!.Value.Context < message.AsOf); pass++)
        {
            Assert.True(pass <= all.Count, "messages that cover everything do not bring it up to date");
            foreach (var message in all.Concat(all.Where(_ => prng.Next(4) == 0)).OrderBy(_ => prng.NextUInt64()).ToList())
            {
                Apply(message);
            }
        }

        return this;
    }

    /// <summary>Pulls from the other until it has nothing newer.</summary>
    public LawState Merge(LawState other) => Merge(other.Set);

    public LawState Merge(PresenceSet other)
    {
        foreach (var history in Histories)
        {
            while (Pull(other, history) is { IsEmpty: false } parts)
            {
                foreach (var part in parts)
                {
                    Apply(part);
                }
            }
        }

        return this;
    }

    public ImmutableArray<Dots> Pull(PresenceSet from, ReplicaHistory history, int partsMax = 4)
    {
        var position = Set.PositionOf(history.Replica)!.Value;
        var parts = from.Serve(history.Replica, position, partsMax);
        _saw(LawSizes.Of(parts, position.Context, from.PositionOf(history.Replica)!.Value.Context, history, _options));
        return parts;
    }

    /// <summary>Exactly what the history says of each replica at the version where this state stands.</summary>
    public LawState CheckContents()
    {
        foreach (var history in Histories)
        {
            Assert.Equal(history.LiveAt(Set.PositionOf(history.Replica)!.Value.Context), EntriesOf(history.Replica));
        }

        return this;
    }

    private IEnumerable<Presence> EntriesOf(ReplicaId replica) =>
        Set.Serve(replica, new PullPosition(0, 0, 0), int.MaxValue).SelectMany(part => part.Entries);
}
