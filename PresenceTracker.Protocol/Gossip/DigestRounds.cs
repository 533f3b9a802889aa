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

    private ulong? _round;
    private ulong? _beat;
    private MonotonicTime _lastActivity;

    /// <summary>How many rounds there have been.</summary>
    public long Count { get; private set; }

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
            ScheduleRound(options.RoundInterval * prng.NextDouble(), effects);
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
        foreach (var peer in peers.Choose(options.FanOut, peer => peer.IsOpen(now)))
        {
            Open(peer, effects);
        }

        _round = null;
        if (now - _lastActivity < options.IdleAfter || !sync.IsSynced)
        {
            ScheduleRound(options.RoundInterval * (1 - Jitter + (2 * Jitter * prng.NextDouble())), effects);
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
