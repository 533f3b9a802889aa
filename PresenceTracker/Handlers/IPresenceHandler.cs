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
/// <para>Each node tells what it sees. Two nodes on which a key comes at the same moment may both see it come, and what a node that dies has yet to
/// tell is told by no other: what has to be right in spite of that, as hours of attendance, is best told on every node and written such that
/// writing it twice does no harm.</para>
/// </remarks>
public interface IPresenceHandler
{
    /// <summary>On which nodes it is told of a presence.</summary>
    PresenceHandlerScope Scope { get; }

    /// <param name="change">What happened, to whom, on which node, and why.</param>
    /// <param name="key">
    /// Tells the first device from further ones, and the last from those before it. A key comes and goes in turn: a page reload within the leave
    /// grace is a join and a leave of presences, and neither of the key.
    /// </param>
    ValueTask HandleAsync(PresenceEvent change, KeyChange key, CancellationToken cancellationToken);
}
