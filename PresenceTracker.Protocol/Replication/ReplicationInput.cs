using System.Collections.Immutable;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>All that can happen to the replication core of a shard. Closed.</summary>
public abstract record ReplicationInput
{
    private ReplicationInput()
    {
    }

    /// <summary>The first input: the epoch begins.</summary>
    public sealed record Started : ReplicationInput;

    /// <summary>
    /// The last input, also after a core has thrown: the epoch is over, by a crash or for good. The gossip must not offer it any more; readers
    /// keep what they have.
    /// </summary>
    public sealed record Ended : ReplicationInput;

    /// <summary>Carry out what a caller of this node asks, in one turn.</summary>
    /// <param name="Token">Given back in <see cref="ReplicationEffect.Written"/>.</param>
    /// <param name="Operations">May be empty: then the answer only says that the epoch has all that readers saw of the one before.</param>
    /// <param name="MayBeRefused">
    /// Whether <see cref="ReplicationEffect.WriteRefused"/> is an answer: not to the end of a presence whose owner is gone, which nobody asks for again.
    /// </param>
    public sealed record Write(ulong Token, ImmutableArray<WriteOperation> Operations, bool MayBeRefused) : ReplicationInput;

    /// <summary>Own presences of the epoch before, in answer to <see cref="ReplicationEffect.RequestReplay"/>.</summary>
    /// <param name="Epoch">That of the request. What an earlier epoch asked for is ignored: it may have been ended since.</param>
    /// <param name="Disconnected">Those of them whose connection has broken, and that are only held.</param>
    /// <param name="IsLast">Whether this is all.</param>
    public sealed record Replayed(int Epoch, ImmutableArray<Presence> Presences, ImmutableArray<PresenceId> Disconnected, bool IsLast)
        : ReplicationInput;

    /// <summary>The shard has been told of every node that is up, in answer to <see cref="ReplicationEffect.RequestIntroduction"/>.</summary>
    public sealed record Introduced : ReplicationInput;

    /// <summary>What the gossip core has for the shard: dots, a pull to serve, a target for a node that returned.</summary>
    public sealed record FromGossip(GossipEffect Effect) : ReplicationInput;

    /// <summary>What the membership core has decided about a node. What does not concern presences is ignored.</summary>
    public sealed record FromMembership(MembershipEffect Effect) : ReplicationInput;

    /// <summary>The lease core has found that a holder has tracked or renewed the lease since it was ended through this node.</summary>
    public sealed record EndedLeaseLives(LeaseEnd End) : ReplicationInput;

    /// <summary>A timer of <see cref="ReplicationEffect.ScheduleTimer"/> is due.</summary>
    public sealed record TimerFired(ReplicationTimer Timer) : ReplicationInput;
}
