using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>Answers the pulls of peers with what the shards hand out.</summary>
internal sealed class PullServer(PeerTable peers, ContextTable contexts)
{
    public void Asked(Peer peer, GossipMessage.Pull pull, List<GossipEffect> effects)
    {
        if (contexts.PositionOf(pull.Replica) is { } position && position.Context > pull.Position.Context)
        {
            effects.Add(new GossipEffect.ServePull(peer.Id, pull.Token, pull.Replica, pull.Position));
            return;
        }

        Send(new GossipInput.PullServed(peer.Id, pull.Token, pull.Replica, []), part: null, isLast: true, effects);
    }

    public void Served(GossipInput.PullServed served, List<GossipEffect> effects)
    {
        if (peers.Get(served.To) is null)
        {
            return;
        }

        if (served.Parts.IsEmpty)
        {
            Send(served, part: null, isLast: true, effects);
        }

        for (var i = 0; i < served.Parts.Length; i++)
        {
            contexts.Served(served.Replica, served.Parts[i].AsOf);
            Send(served, served.Parts[i], isLast: i == served.Parts.Length - 1, effects);
        }
    }

    private static void Send(GossipInput.PullServed served, Dots? part, bool isLast, List<GossipEffect> effects) =>
        effects.Add(new GossipEffect.SendMessage(
            served.To, new GossipMessage.PullReply(served.Token, served.Replica, part, isLast)));
}
