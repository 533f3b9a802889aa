using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>What the nodes of a law's world hear of each other, in the order in which a membership core would tell it.</summary>
internal sealed class LawMembership(LawWorld world)
{
    /// <summary>The node hears nothing of the other any more, or that it left.</summary>
    public void Hide(LawNode node, LawNode other, bool isRemoval, int choice)
    {
        var peer = node.Peers[other.Address];
        var record = other.Records[peer.RecordIndex];
        if (peer.State == LawPeerState.Removed || (peer.State == LawPeerState.Down && !isRemoval))
        {
            return;
        }

        node.CompleteTurn();
        NoteWalk(node.Reader.ListedOf(record.Node).Count());
        if (isRemoval)
        {
            node.Set.NodeRemoved(record.Node, (choice & 1) == 0 ? LeaveReason.NodeDown : LeaveReason.NodeLeft, world.Now);
            peer.State = LawPeerState.Removed;
            world.Saw(LawClass.Purge);
        }
        else
        {
            if (node.Set.HasWalks) world.Saw(LawClass.Reversal);
            node.Set.NodeDown(record.Node, world.Now);
            peer.State = LawPeerState.Down;
            world.Saw(LawClass.Hide);
        }
    }

    /// <summary>The node hears from the other: the next record that it has not heard of, or the newest.</summary>
    public void Learn(LawNode node, LawNode other, bool isLast, int choice)
    {
        var peer = node.Peers[other.Address];
        var known = other.Records[peer.RecordIndex];
        peer.RecordIndex = isLast ? other.Records.Count - 1 : Math.Min(peer.RecordIndex + 1, other.Records.Count - 1);
        var heard = other.Records[peer.RecordIndex];
        if (node.Set.HasWalks && peer.State is LawPeerState.Down or LawPeerState.Removed) world.Saw(LawClass.Reversal);
        node.CompleteTurn();
        if (known.Node != heard.Node && known.Node.Incarnation.ProcessId != heard.Node.Incarnation.ProcessId)
        {
            foreach (var replica in node.Set.Replicas.Where(replica => replica.Node == known.Node))
            {
                node.Reader.Supersede(replica);
            }

            node.Set.NodeRemoved(known.Node, LeaveReason.NodeDown, world.Now);
            node.Set.NodeUp(heard);
            peer.State = LawPeerState.Up;
            world.Saw(LawClass.Supersession);
            return;
        }

        switch (peer.State)
        {
            case LawPeerState.Removed:
                node.Set.NodeUp(heard);
                node.NoteEnded(RemovalCause.Replaced);
                peer.State = LawPeerState.Up;
                return;
            case LawPeerState.Down:
                TellNews(node, known, heard);
                node.Set.NodeReturned(heard);
                node.NoteEnded(RemovalCause.Replaced);
                peer.State = LawPeerState.Returning;
                if (choice % 3 == 0)
                {
                    Show(node, other, choice);
                }

                return;
            default:
                TellNews(node, known, heard);
                return;
        }
    }

    /// <summary>The other's first digest is here, or its time to catch up is over; perhaps late.</summary>
    public void Show(LawNode node, LawNode other, int choice)
    {
        var peer = node.Peers[other.Address];
        var record = other.Records[peer.RecordIndex];
        var replica = record.ReplicaOf(LawWorld.Shard);
        if ((choice & 1) == 0)
        {
            node.Set.ShowOnceAt(replica, world.HistoryOf(replica).Version);
        }
        else
        {
            node.Set.ShowReturned(record.Node);
        }

        node.NoteEnded(RemovalCause.Replaced);
        if (peer.State == LawPeerState.Returning)
        {
            peer.State = LawPeerState.Up;
            NoteWalk(node.Set.Serve(replica, new PullPosition(0, 0, 0), int.MaxValue).Sum(part => part.Entries.Length));
            world.Saw(LawClass.Show);
        }
    }

    public void RunWalks(LawNode node)
    {
        node.Set.RunWalks(world.Now);
        node.NoteEnded(RemovalCause.Replaced);
        node.CompleteTurn();
    }

    private void TellNews(LawNode node, Protocol.Membership.NodeRecord known, Protocol.Membership.NodeRecord heard)
    {
        if (known.Node != heard.Node)
        {
            node.Set.NodeRenamed(known.Node, heard);
            world.Saw(LawClass.Rename);
        }
        else if (known != heard)
        {
            node.Set.EpochRaised(heard.Node, heard.Epochs[0]);
            world.Saw(LawClass.Epoch);
        }

        node.NoteEnded(RemovalCause.Replaced);
    }

    private void NoteWalk(int entries) => world.Saw((entries - world.Options.WalkEntriesMax) switch
    {
        -1 => LawClass.WalkUnder,
        0 => LawClass.WalkAt,
        1 => LawClass.WalkOver,
        _ => LawClass.None,
    });
}
