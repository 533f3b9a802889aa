using System.Collections.Concurrent;

namespace PresenceTracker.Wire;

/// <summary>
/// The traffic with each address that the membership knows. Everybody else shares one entry, as anybody can call itself anything. Thread-safe.
/// </summary>
internal sealed class TrafficTable
{
    private readonly ConcurrentDictionary<string, PeerTraffic> _peers = new(StringComparer.Ordinal);

    /// <summary>With addresses that are not, or not yet, known.</summary>
    public PeerTraffic Strangers { get; } = new();

    public IEnumerable<KeyValuePair<string, PeerTraffic>> Peers => _peers;

    public PeerTraffic Of(string address) => _peers.TryGetValue(address, out var traffic) ? traffic : Strangers;

    public void Add(string address) => _peers.TryAdd(address, new PeerTraffic());

    public void Remove(string address) => _peers.TryRemove(address, out _);
}
