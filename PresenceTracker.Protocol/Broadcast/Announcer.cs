using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>
/// The lazy links of Plumtree. Announcements need not be quick, and the paper allows to send many together: they are collected for a while, and
/// nothing is sent while there is nothing to announce.
/// </summary>
internal sealed class Announcer(BroadcastOptions options, BroadcastPeers peers, TokenSource tokens)
{
    private ulong? _awaited;

    public void Announce(BroadcastPeer peer, Announcement announcement, List<BroadcastEffect> effects)
    {
        peer.Announcements.Add(announcement);
        if (peer.Announcements.Count >= BroadcastOptions.AnnouncementsMax)
        {
            Send(peer, effects);
        }
        else if (_awaited is null)
        {
            _awaited = tokens.Next();
            effects.Add(new BroadcastEffect.ScheduleTimer(new BroadcastTimer.AnnounceDue(_awaited.Value), options.AnnounceInterval));
        }
    }

    public void OnDue(ulong token, List<BroadcastEffect> effects)
    {
        if (token != _awaited) return;

        _awaited = null;
        foreach (var peer in peers.All)
        {
            if (peer.Announcements.Count > 0) Send(peer, effects);
        }
    }

    private static void Send(BroadcastPeer peer, List<BroadcastEffect> effects)
    {
        effects.Add(new BroadcastEffect.SendMessage(peer.Id, new BroadcastMessage.IHave([.. peer.Announcements])));
        peer.Announcements.Clear();
    }
}
