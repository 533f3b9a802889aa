using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Protocol.Leases;

/// <summary>All that the lease core asks of its shell. Closed.</summary>
public abstract record LeaseEffect
{
    private LeaseEffect()
    {
    }

    /// <summary>Send to the lease core of that node. It may be lost.</summary>
    public sealed record SendMessage(NodeId To, LeaseMessage Message) : LeaseEffect;

    /// <summary>Give back <see cref="LeaseInput.AnswerOverdue"/> after this time. Never cancelled: a stale token is ignored.</summary>
    public sealed record ScheduleTimer(ulong Token, TimeSpan After) : LeaseEffect;

    /// <summary>Have the shards carry out what they hold of this, and answer with <see cref="LeaseInput.Served"/>.</summary>
    public sealed record Serve(NodeId To, ulong Token, ImmutableArray<LeaseCall> Calls) : LeaseEffect;

    /// <summary>The end of <see cref="LeaseInput.Asked"/>; told once.</summary>
    /// <param name="Results">In the order of the calls if they were answered; default otherwise.</param>
    public sealed record Settle(ulong Number, LeaseOutcome Outcome, ImmutableArray<TrackResult> Results) : LeaseEffect;

    /// <summary>Tell the shards: a holder has tracked or renewed these leases since they were ended.</summary>
    public sealed record ForgetEnds(ImmutableArray<LeaseEnd> Ends) : LeaseEffect;

    /// <summary>So many ends are not repeated, for too many requests wait for an answer already: to be counted.</summary>
    public sealed record ReportEndsForgotten(int Count) : LeaseEffect;

    /// <summary>A node sent what no correct peer would, or was not a peer (yet): to be counted. Nothing else changed.</summary>
    public sealed record ReportViolation(LeaseViolation Violation, NodeId From) : LeaseEffect;
}
