using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Membership;

/// <summary>Everything that can happen to a membership core. Closed: the core handles exactly these.</summary>
public abstract record MembershipInput
{
    private MembershipInput()
    {
    }

    /// <summary>
    /// The root of all that this node knows of others' presences, at rest: it rides on probes and their answers until the next of these.
    /// Null: nothing rides, because it changes.
    /// </summary>
    public sealed record RootRests(ulong? Root) : MembershipInput;

    /// <summary>The node's endpoint listens. Must be the first input, and comes once.</summary>
    public sealed record Started : MembershipInput;

    /// <summary>A monitor of another node has said something.</summary>
    /// <param name="From">
    /// The advertised address of the sender if the transport knows it. It is used only to answer messages that do not name their sender.
    /// </param>
    /// <param name="Message">What it said.</param>
    public sealed record MessageReceived(string? From, MembershipMessage Message) : MembershipInput;

    /// <summary>A timer that was scheduled is due. One that was overtaken meanwhile is recognised by its token and ignored.</summary>
    public sealed record TimerFired(MembershipTimer Timer) : MembershipInput;

    /// <summary>A connection to the node that advertises that address was refused or has closed. No verdict, but a reason to look.</summary>
    public sealed record PeerUnreachable(string Address) : MembershipInput;

    /// <summary>
    /// The transport of a peer takes nothing more from this process, for good, because another one speaks to it from the same address.
    /// </summary>
    public sealed record Supplanted : MembershipInput;

    /// <summary>Probe these neighbours in the overlay, and tell them what is news; or everybody again, which is how a node begins.</summary>
    /// <param name="Neighbors">Null for everybody.</param>
    public sealed record LinksChanged(ImmutableArray<NodeId>? Neighbors) : MembershipInput;

    /// <summary>A shard of this node has crashed, and in its new epoch has all local presences again.</summary>
    public sealed record ShardEpochCompleted(ShardEpoch Epoch) : MembershipInput;

    /// <summary>The node stops gracefully. Afterwards the core says nothing and ignores everything.</summary>
    public sealed record LeaveRequested : MembershipInput;

    /// <summary>Discovery has found other seeds: these replace the former ones.</summary>
    /// <param name="AwaitsMore">Whether further ones are still being looked for.</param>
    public sealed record SeedsChanged(ImmutableArray<string> Addresses, bool AwaitsMore = false) : MembershipInput;

    /// <summary>
    /// Who may be a peer in the eyes of the cluster around; only where <see cref="MembershipOptions.PeersAreGiven"/>, and there instead of
    /// <see cref="SeedsChanged"/>. Those that are not leaving are greeted.
    /// </summary>
    /// <param name="AwaitsMore">Whether they are not known yet.</param>
    public sealed record PeersChanged(ImmutableArray<ClusterMember> Members, bool AwaitsMore) : MembershipInput;

    /// <summary>The cluster around has removed that life for good; if it is this node's own, it stops.</summary>
    /// <param name="Reason"><see cref="LeaveReason.NodeLeft"/> or <see cref="LeaveReason.NodeDown"/>.</param>
    public sealed record Expelled(ClusterMember Member, LeaveReason Reason) : MembershipInput;
}
