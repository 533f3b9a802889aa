using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Handlers;

/// <summary>
/// Is told on the server of every join, update and leave in any topic: for attendance, clean-up, or whether to send a push message. Add it by
/// <c>AddPresenceHandler</c>.
/// </summary>
/// <remarks>
/// <para>What happens to one key in one topic is told in order, one call after the other. Topics are told at the same time as others, so a
/// handler is called by several threads.</para>
/// <para>A handler that throws is logged, and told of the next. One that is slow delays nobody but itself; if it falls behind by more than
/// <c>presence.subscriber-queue</c> turns of a shard, it is told what leads from where it is to the present state, leaves with the reason
/// <see cref="LeaveReason.Unobserved"/>.</para>
/// </remarks>
public interface IPresenceHandler
{
    /// <summary>On which nodes it is told of a presence.</summary>
    PresenceHandlerScope Scope { get; }

    /// <param name="change">What happened, to whom, on which node, and why.</param>
    ValueTask HandleAsync(PresenceEvent change, CancellationToken cancellationToken);
}
