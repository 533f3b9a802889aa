using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>
/// When a digest is opened, and with whom: push-pull with random peers, because pull halves the nodes that lack something faster and
/// faster where push alone slows down (Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", 1987).
/// </summary>
/// <remarks>
/// Deviation: rounds stop when nothing has changed for a while, so that an idle cluster's traffic does not follow its fan-out. The root then
/// rides on the probes of the failure detector, and a difference begins a round at once.
/// </remarks>
internal sealed class DigestRounds(
    GossipOptions options, PeerTable peers, ContextTable contexts, SyncRule sync, TokenSource tokens, Prng prng)
{
    // Nodes that start together must not stay in step. A fifth is our guess.
    private const double Jitter = 0.2;

    // In a large cluster a change is under way for longer, from neighbour to neighbour, and a broadcast mends itself within half a second. Rounds as
    // quick as that would fetch a second time what is just coming (measured: 0.8 times more dots), so they are that many times slower. Our choice.
    private const int LinkedFactor = 5;

    // And one round in so many is held with a node beyond the neighbours too: every 10 s. Our choice: it is for nodes that no broadcast reaches,
    // because they only know each other.
    private const int FarRounds = 10;

    private ulong? _round;
    private ulong? _beat;
    private MonotonicTime _lastActivity;

    /// <summary>How many rounds there have been.</summary>
    public long Count { get; private set; }

    private TimeSpan Interval => options.RoundInterval * (peers.Links is null || !sync.IsSynced ? 1 : LinkedFactor);

    private bool IsIdle => _round is null;

    public void Start(MonotonicTime now, List<GossipEffect> effects)
    {
        ScheduleBeat(effects);
        Wake(now, effects);
    }

    /// <summary>Something changed, or differs from a peer: rounds go on, or begin again.</summary>
    public void Wake(MonotonicTime now, List<GossipEffect> effects)
    {
        _lastActivity = now;
        if (IsIdle && _beat is not null)
        {
            effects.Add(new GossipEffect.RootRests(null));

            // Not in this very moment: the push of the change that woke us would still be on its way.
            ScheduleRound(Interval * prng.NextDouble(), effects);
        }
    }

    public void RoundDue(ulong token, MonotonicTime now, List<GossipEffect> effects)
    {
        if (token != _round)
        {
            return;
        }

        Count++;

        // A blocked peer has its own root each beat: more would only fill the buffers towards it.
        // Who is not synced yet looks everywhere.
        foreach (var peer in peers.Choose(options.FanOut, peer => peer.IsOpen(now) && (peers.IsLinked(peer) || !sync.IsSynced)))
        {
            Open(peer, effects);
        }

        if (Count % FarRounds == 0)
        {
            foreach (var peer in peers.Choose(1, peer => peer.IsOpen(now) && !peers.IsLinked(peer)))
            {
                Open(peer, effects);
            }
        }

        _round = null;
        if (now - _lastActivity < options.IdleAfter || !sync.IsSynced)
        {
            ScheduleRound(Interval * (1 - Jitter + (2 * Jitter * prng.NextDouble())), effects);
        }
        else
        {
            effects.Add(new GossipEffect.RootRests(contexts.Root));
        }
    }

    public void BeatDue(ulong token, MonotonicTime now, List<GossipEffect> effects)
    {
        if (token != _beat)
        {
            return;
        }

        foreach (var peer in peers.All.Where(peer => !peer.IsOpen(now)))
        {
            Open(peer, effects);
        }

        ScheduleBeat(effects);
    }

    /// <summary>Sends the root, to which the peer answers with its hashes if it differs.</summary>
    public void Open(Peer peer, List<GossipEffect> effects) => effects.Add(new GossipEffect.SendMessage(
        peer.Id, new GossipMessage.DigestRoot(contexts.Root, peer.Window.AwaitedNumber, sync.IsSynced)));

    private void ScheduleRound(TimeSpan after, List<GossipEffect> effects)
    {
        _round = tokens.Next();
        effects.Add(new GossipEffect.ScheduleTimer(new GossipTimer.Round(_round.Value), after));
    }

    private void ScheduleBeat(List<GossipEffect> effects)
    {
        _beat = tokens.Next();
        effects.Add(new GossipEffect.ScheduleTimer(new GossipTimer.Beat(_beat.Value), options.BeatInterval));
    }
}
