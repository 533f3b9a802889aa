using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Tests.Membership;

/// <summary>One process of a <see cref="VirtualCluster"/>, with what its core has reported.</summary>
internal sealed class VirtualNode(MembershipOptions options, NodeId self, Prng prng)
{
    public MembershipCore Core { get; } = new(options, self, prng);

    public string Address { get; } = self.Address;

    public ulong ProcessId { get; } = self.Incarnation.ProcessId;

    public bool IsAlive { get; set; } = true;

    public bool IsPaused { get; set; }

    /// <summary>What came while it was paused.</summary>
    public Queue<MembershipInput> Mailbox { get; } = [];

    /// <summary>Everything but messages and timers, since the last <see cref="List{T}.Clear"/>.</summary>
    public List<MembershipEffect> Events { get; } = [];

    public EffectChecker Checker { get; } = new();

    public StopCause? StopCause => Events.OfType<MembershipEffect.StopNode>().SingleOrDefault()?.Cause;

    public IEnumerable<string> In(MemberState state) =>
        Core.Members.Where(view => view.State == state).Select(view => view.Node.Address);
}
