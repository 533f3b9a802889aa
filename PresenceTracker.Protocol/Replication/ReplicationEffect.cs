using System.Collections.Immutable;
using PresenceTracker.Protocol.Gossip;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Protocol.Replication;

/// <summary>All that the replication core asks of its shell, to be carried out in order. Closed.</summary>
public abstract record ReplicationEffect
{
    private ReplicationEffect()
    {
    }

    /// <summary>Change what readers see, in one step for each topic, and then tell subscribers the diffs.</summary>
    public sealed record Publish(Turn Turn) : ReplicationEffect;

    /// <summary>Readers see this replica up to that context.</summary>
    public sealed record PublishContext(ReplicaId Replica, ulong Context) : ReplicationEffect;

    /// <summary>Readers see nothing of this replica any more.</summary>
    public sealed record ForgetContext(ReplicaId Replica) : ReplicationEffect;

    /// <summary>Tell the gossip core of this node.</summary>
    public sealed record TellGossip(GossipInput Input) : ReplicationEffect;

    /// <summary>A write is done and published.</summary>
    /// <param name="Results">In the order of its operations.</param>
    public sealed record Written(ulong Token, ImmutableArray<WriteResult> Results) : ReplicationEffect;

    /// <summary>A write was not taken, for too much waits until the epoch is rebuilt. Nothing was changed.</summary>
    public sealed record WriteRefused(ulong Token) : ReplicationEffect;

    /// <summary>An own presence ended without being asked to: its hold was over, or its lease is with another node.</summary>
    public sealed record OwnEnded(PresenceId Id) : ReplicationEffect;

    /// <summary>
    /// Have the lease core tell this node of these ends: it holds, or may still hold, leases that were ended while it could not hear of it.
    /// </summary>
    public sealed record RepeatEnds(NodeId Holder, ImmutableArray<LeaseEnd> Ends) : ReplicationEffect;

    /// <summary>So many ends of leases were forgotten before their time, for more came than are remembered: to be counted.</summary>
    public sealed record ReportEndsForgotten(int Count) : ReplicationEffect;

    /// <summary>What came of dots that the gossip delivered: to be counted.</summary>
    public sealed record ReportDots(ApplyVerdict Verdict, int EntryCount) : ReplicationEffect;

    /// <summary>Give the timer back as <see cref="ReplicationInput.TimerFired"/>. Never cancelled: a stale token is ignored.</summary>
    /// <param name="After">Zero: behind what has already come.</param>
    public sealed record ScheduleTimer(ReplicationTimer Timer, TimeSpan After) : ReplicationEffect;

    /// <summary>Give back the own presences of the epoch before: <see cref="ReplicationInput.Replayed"/>.</summary>
    public sealed record RequestReplay(int Epoch) : ReplicationEffect;

    /// <summary>Tell of every node that is up, and then <see cref="ReplicationInput.Introduced"/>.</summary>
    public sealed record RequestIntroduction : ReplicationEffect;

    /// <summary>Tell the membership core: an epoch above 0 has all own presences again, and peers may be told of it.</summary>
    public sealed record AnnounceEpoch(ShardEpoch Epoch) : ReplicationEffect;
}
