using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// What the shell must do. Closed. The effects of one input are carried out in their order; those about a node come in an order in which
/// each makes sense: <see cref="NodeUp"/> first, <see cref="NodeRemoved"/> last, and what lies between only in between.
/// </summary>
public abstract record MembershipEffect
{
    private MembershipEffect()
    {
    }

    /// <summary>Tell the monitor at that address; a loss is made good by the protocol.</summary>
    public sealed record SendMessage(string Address, MembershipMessage Message) : MembershipEffect;

    /// <summary>Have it broadcast over the overlay to every node, where it is heard as from this one. Asked only while there are links.</summary>
    public sealed record Broadcast(MembershipMessage.Announcement Announcement) : MembershipEffect;

    /// <summary>Hand the timer back after that time.</summary>
    public sealed record ScheduleTimer(MembershipTimer Timer, TimeSpan After) : MembershipEffect;

    /// <summary>A node is seen for the first time, or again after it was removed: start from nothing.</summary>
    public sealed record NodeUp(NodeRecord Node) : MembershipEffect;

    /// <summary>It has not answered somebody's probe: still shown, but no longer relied upon.</summary>
    public sealed record NodeSuspected(NodeId Node) : MembershipEffect;

    /// <summary>A suspect has refuted that.</summary>
    public sealed record NodeTrusted(NodeId Node) : MembershipEffect;

    /// <summary>Hide its presences, but keep them.</summary>
    public sealed record NodeDown(NodeId Node) : MembershipEffect;

    /// <summary>
    /// A down node has refuted that: show its presences. Each new epoch was reported by an <see cref="EpochRaised"/> before.
    /// </summary>
    public sealed record NodeReturned(NodeRecord Node) : MembershipEffect;

    /// <summary>Purge its presences: they left for that reason.</summary>
    /// <param name="Node">The life that is over.</param>
    /// <param name="Reason"><see cref="LeaveReason.NodeLeft"/> or <see cref="LeaveReason.NodeDown"/>.</param>
    public sealed record NodeRemoved(NodeId Node, LeaveReason Reason) : MembershipEffect;

    /// <summary>The same process under a higher counter: the new one replaces the old one, which is no leave.</summary>
    public sealed record NodeRenamed(NodeId Old, NodeRecord Node) : MembershipEffect;

    /// <summary>A shard of a known node is in a new epoch.</summary>
    public sealed record EpochRaised(NodeId Node, ShardEpoch Epoch) : MembershipEffect;

    /// <summary>
    /// This node has a higher counter from now on. Comes only after <see cref="Announceable"/>; before that nobody has used the old one.
    /// </summary>
    public sealed record SelfRaised(NodeId Old, NodeId Node) : MembershipEffect;

    /// <summary>
    /// Every seed has answered, or the time for the first contact is over: presences may be announced under this identity. Comes once.
    /// </summary>
    public sealed record Announceable(NodeId Self) : MembershipEffect;

    /// <summary>
    /// Which seeds have not answered yet; at the start and after each change. That all have is not said while more are looked for.
    /// </summary>
    public sealed record SeedsContacted(ImmutableArray<string> Unanswered) : MembershipEffect;

    /// <summary>What rode on a member's probe or answer is not the root that rests here.</summary>
    public sealed record RootDiffers(NodeId Node) : MembershipEffect;

    /// <summary>The node cannot be part of this cluster: stop it and show the cause to its operator. The last effect of a core.</summary>
    public sealed record StopNode(StopCause Cause) : MembershipEffect;

    /// <summary>A peer broke the protocol; nothing was changed by that message.</summary>
    public sealed record ReportViolation(MembershipViolation Violation) : MembershipEffect;
}
