using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Gossip;

/// <summary>A replica of which peers hold more than we do: which peers, and the pull that is outstanding.</summary>
internal sealed class WantedReplica
{
    // Enough to ask elsewhere when a source fails; the next digest names others.
    private const int SourcesMax = 4;

    private readonly List<PullSource> _sources = [];

    public OutstandingPull? Pull { get; set; }

    /// <summary>Of the sources that were silent the least often the one that offered the most, the latest of equals.</summary>
    public PullSource? Best => _sources.Count == 0
        ? null
        : _sources.OrderByDescending(source => source.Silences).ThenBy(source => source.Context).Last();

    public bool Has(NodeId peer) => _sources.Exists(source => source.Peer == peer);

    public PullSource? Get(NodeId peer) => Has(peer) ? _sources.Find(source => source.Peer == peer) : null;

    /// <summary>The peer offers it, once more perhaps. That says nothing of whether it answers: its gossip may live and its shard hang.</summary>
    public void Add(NodeId peer, ulong context)
    {
        var source = Get(peer) ?? new PullSource(peer, context);
        Remove(peer);
        if (_sources.Count == SourcesMax)
        {
            _sources.RemoveAt(0);
        }

        _sources.Add(source with { Context = Math.Max(source.Context, context) });
    }

    /// <summary>The peer answers, and has it up to that context.</summary>
    public void Answered(NodeId peer, ulong context)
    {
        Add(peer, context);
        _sources[^1] = _sources[^1] with { Silences = 0, SilentFor = TimeSpan.Zero };
    }

    /// <summary>The peer did not answer in time. In all it is waited for no longer than <paramref name="longest"/> for one offer.</summary>
    public void WasSilent(NodeId peer, TimeSpan wait, TimeSpan longest)
    {
        var index = _sources.FindIndex(source => source.Peer == peer);
        if (index < 0)
        {
            return;
        }

        var source = _sources[index];
        _sources[index] = source with { Silences = source.Silences + 1, SilentFor = source.SilentFor + wait };
        if (_sources[index].SilentFor >= longest)
        {
            _sources.RemoveAt(index);
        }
    }

    public void Remove(NodeId peer) => _sources.RemoveAll(source => source.Peer == peer);

    public void DropReached(ulong context) => _sources.RemoveAll(source => source.Context <= context);
}
