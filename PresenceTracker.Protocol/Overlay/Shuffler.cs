using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Overlay;

/// <summary>
/// Keeps the passive view fresh: passive view management of HyParView, after Cyclon. Nodes exchange what they know of with one at the end of a random walk, so that
/// passive views become a random sample of all nodes, and the dead leave them.
/// </summary>
internal sealed class Shuffler(OverlayOptions options, NodeId self, Neighborhood neighborhood, TokenSource tokens)
{
    private ulong? _awaited;
    private ImmutableArray<NodeId> _sent = [];

    /// <summary>
    /// The exchange list has the node itself, k_a of its neighbours and k_p of its passive view. Deviation: the first receiver is not named to
    /// itself.
    /// </summary>
    public void Begin(OverlayStep step)
    {
        if (neighborhood.Active.Pick(_ => true) is not { } first) return;

        _awaited = tokens.Next();
        _sent =
        [
            .. neighborhood.Active.Sample(options.ShuffleActive).Where(node => node != first),
            .. neighborhood.Passive.Sample(options.ShufflePassive),
        ];
        step.Send(first, new OverlayMessage.Shuffle(self, _awaited.Value, options.WalkLength - 1, _sent));
    }

    /// <summary>
    /// While hops are left and there is a neighbour other than the sender, the list goes on to a random one; else this node takes it, and
    /// answers the origin with as many nodes of its own passive view.
    /// </summary>
    public void OnShuffle(NodeId from, OverlayMessage.Shuffle shuffle, OverlayStep step)
    {
        // It has come back, or is from an earlier life.
        if (shuffle.Origin.Address == self.Address) return;

        if (shuffle.HopsLeft > 0 && neighborhood.Active.Pick(node => node != from && node != shuffle.Origin) is { } next)
        {
            step.Send(next, shuffle with { HopsLeft = shuffle.HopsLeft - 1 });
            return;
        }

        ImmutableArray<NodeId> answer = [.. neighborhood.Passive.Sample(shuffle.Nodes.Length + 1).Where(node => node != shuffle.Origin)];
        step.Send(shuffle.Origin, new OverlayMessage.ShuffleReply(shuffle.Token, answer));
        Learn(shuffle.Nodes.Add(shuffle.Origin), expendable: answer);
    }

    public void OnReply(NodeId from, OverlayMessage.ShuffleReply reply, OverlayStep step)
    {
        if (reply.Token != _awaited)
        {
            step.Report(OverlayViolation.UnawaitedReply, from);
            return;
        }

        _awaited = null;
        Learn(reply.Nodes, expendable: _sent);
    }

    private void Learn(ImmutableArray<NodeId> nodes, ImmutableArray<NodeId> expendable)
    {
        foreach (var node in nodes)
        {
            neighborhood.Passive.Learn(node, expendable);
        }
    }
}
