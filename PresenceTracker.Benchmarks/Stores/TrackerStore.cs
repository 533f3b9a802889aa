using PresenceTracker.Owners;

namespace PresenceTracker.Benchmarks.Stores;

/// <summary>A node of the tracker with its defaults.</summary>
internal sealed class TrackerStore : IPresenceStore
{
    private readonly PresenceNode _node;

    private TrackerStore(PresenceNode node) => _node = node;

    public string Name => "ours";

    public int Patience => 1;

    public Tracker Tracker => _node.Tracker;

    /// <summary>By which other nodes find this one.</summary>
    public string Address => Tracker.Self.Address.ToString();

    /// <param name="seed">Null for a cluster of its own.</param>
    public static async Task<TrackerStore> StartAsync(string? seed = null)
    {
        var options = new PresenceTrackerOptions { NodePort = 0, Hocon = "akka.loglevel = WARNING" };
        if (seed is not null)
        {
            options.Seeds.Add(seed);
        }

        var node = PresenceNode.Start(options);
        await node.Tracker.Ready;
        return new TrackerStore(node);
    }

    public async ValueTask TrackAsync(PresenceKey presence) =>
        await Tracker.TrackAsync(presence.Topic, presence.Key, Owner.Connection(presence.Owner), presence.Meta);

    public async ValueTask UntrackAsync(PresenceKey presence) =>
        await Tracker.UntrackAsync(presence.Topic, presence.Key, Owner.Connection(presence.Owner));

    public async Task TrackManyAsync(IReadOnlyCollection<PresenceKey> presences) =>
        await Tracker.TrackManyAsync([.. presences.Select(
            presence => new TrackRequest(presence.Topic, presence.Key, Owner.Connection(presence.Owner), presence.Meta))]);

    public ValueTask DisposeAsync() => _node.DisposeAsync();
}
