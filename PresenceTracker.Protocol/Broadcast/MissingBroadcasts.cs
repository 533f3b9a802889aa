using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Broadcast;

/// <summary>
/// Plumtree, tree repair: what is announced may still come by the tree. If it does not in time, the first announcer is asked for it, and its link
/// becomes eager; then the next one, until it comes.
/// </summary>
internal sealed class MissingBroadcasts(BroadcastOptions options, BroadcastPeers peers, TokenSource tokens)
{
    private readonly SortedDictionary<BroadcastId, MissingBroadcast> _byId = [];

    public void Announced(BroadcastId id, NodeId announcer, List<BroadcastEffect> effects)
    {
        if (_byId.TryGetValue(id, out var missing))
        {
            if (!missing.Announcers.Contains(announcer)) missing.Announcers.Add(announcer);
            return;
        }

        if (_byId.Count >= options.MissingMax) return;

        missing = new MissingBroadcast();
        missing.Announcers.Add(announcer);
        _byId.Add(id, missing);
        Wait(id, missing, effects);
    }

    public void Came(BroadcastId id) => _byId.Remove(id);

    public void OnGraftDue(BroadcastId id, ulong token, List<BroadcastEffect> effects)
    {
        if (!_byId.TryGetValue(id, out var missing) || missing.Token != token) return;

        while (missing.Announcers is [var announcer, ..])
        {
            missing.Announcers.RemoveAt(0);
            if (peers.Get(announcer) is { } peer)
            {
                peer.IsEager = true;
                effects.Add(new BroadcastEffect.SendMessage(announcer, new BroadcastMessage.Graft(id)));
                Wait(id, missing, effects);
                return;
            }
        }

        // Nobody is left to ask; if it still comes it is welcome, and if not, the digests find what is missing.
        _byId.Remove(id);
    }

    private void Wait(BroadcastId id, MissingBroadcast missing, List<BroadcastEffect> effects)
    {
        missing.Token = tokens.Next();
        effects.Add(new BroadcastEffect.ScheduleTimer(new BroadcastTimer.GraftDue(id, missing.Token), options.GraftTimeout));
    }
}
