using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>A node that is up, suspect or down. Only the <see cref="MemberTable"/> changes it, because each change has an effect.</summary>
internal sealed class Member(NodeRecord record, MonotonicTime now)
{
    public NodeRecord Record { get; set; } = record;

    public NodeId Node => Record.Node;

    public string Address => Record.Node.Address;

    public MemberState State { get; private set; } = MemberState.Up;

    public MonotonicTime Since { get; private set; } = now;

    /// <summary>Not null exactly while it is suspect.</summary>
    public Suspicion? Suspicion { get; private set; }

    /// <summary>The addresses of its neighbours in the overlay, as it last named them.</summary>
    public ImmutableArray<string> Neighbors { get; set; } = [];

    /// <summary>What it must refute; null while it is up.</summary>
    public MemberUpdate? Doubt => State switch
    {
        MemberState.Suspect => new MemberUpdate(Node, Record.Refutation, UpdateKind.Suspect, Suspicion!.FirstAccuser),
        MemberState.Down => new MemberUpdate(Node, Record.Refutation, UpdateKind.Down),
        _ => null,
    };

    public void ChangeTo(MemberState state, Suspicion? suspicion, MonotonicTime now)
    {
        State = state;
        Suspicion = suspicion;
        Since = now;
    }

    /// <summary>Takes out of the count a time in which this node itself stood still.</summary>
    public void Shift(TimeSpan pause, MonotonicTime now, MonotonicTime notBefore)
    {
        var since = Since + pause;
        Since = since < now ? since : now;
        Suspicion?.Shift(pause, notBefore);
    }
}
