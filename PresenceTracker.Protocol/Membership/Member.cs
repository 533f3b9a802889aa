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

    /// <summary>When it last gave proof of life.</summary>
    public MonotonicTime LastHeard { get; private set; } = now;

    public void Heard(MonotonicTime now) => LastHeard = now;

    public void ChangeTo(MemberState state, MonotonicTime now)
    {
        State = state;
        Since = now;
    }

    /// <summary>Takes out of the count a time in which this node itself stood still.</summary>
    public void Shift(TimeSpan pause, MonotonicTime now)
    {
        LastHeard = Earlier(LastHeard + pause, now);
        Since = Earlier(Since + pause, now);
    }

    private static MonotonicTime Earlier(MonotonicTime left, MonotonicTime right) => left < right ? left : right;
}
