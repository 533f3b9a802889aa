using System.Collections.Immutable;

namespace PresenceTracker.Discovery;

/// <summary>The addresses that were heard of lately. Thread-safe.</summary>
/// <param name="countMax">How many are remembered.</param>
/// <param name="kept">For how long after it was last heard of.</param>
internal sealed class HeardNodes(int countMax, TimeSpan kept, TimeProvider clock)
{
    private readonly Lock _access = new();
    private readonly SortedDictionary<string, long> _lastHeard = new(StringComparer.Ordinal);

    /// <summary>What is remembered now, by rising address.</summary>
    public ImmutableArray<string> Take()
    {
        lock (_access)
        {
            foreach (var (address, at) in _lastHeard.ToList())
            {
                if (clock.GetElapsedTime(at) > kept)
                {
                    _lastHeard.Remove(address);
                }
            }

            return [.. _lastHeard.Keys];
        }
    }

    /// <returns>Whether it is news, or null if there is no room for it.</returns>
    public bool? Hear(string address)
    {
        lock (_access)
        {
            var isNews = !_lastHeard.ContainsKey(address);
            if (isNews && _lastHeard.Count >= countMax)
            {
                return null;
            }

            _lastHeard[address] = clock.GetTimestamp();
            return isNews;
        }
    }
}
