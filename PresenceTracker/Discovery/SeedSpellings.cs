using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Discovery;

/// <summary>
/// Under which addresses each seed is greeted: as it is written, and, for a host name, under each address that the name resolves to. Akka
/// drops, without an answer, what is addressed under another spelling of its host than the one it advertises (<c>localhost</c> for
/// <c>127.0.0.1</c>), so nobody can know beforehand which one is right; once one has answered, the others are given up.
/// </summary>
/// <param name="seeds">As they are written; at most <paramref name="countMax"/>.</param>
/// <param name="countMax">How many addresses are greeted at most.</param>
internal sealed class SeedSpellings(ImmutableArray<string> seeds, int countMax)
{
    // Of a name that stands for many machines a few are enough to greet: each tells of all others.
    private const int ResolvedMax = 8;

    private readonly SortedDictionary<string, ImmutableArray<string>> _bySeed =
        new(seeds.Distinct(StringComparer.Ordinal).ToDictionary(seed => seed, seed => ImmutableArray.Create(seed)), StringComparer.Ordinal);

    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);

    /// <summary>What is to be greeted: one spelling of each seed, and then of the others as many as there is room for.</summary>
    public ImmutableArray<string> All =>
        [.. _bySeed.Values.Select(spellings => spellings[0])
            .Concat(_bySeed.Values.SelectMany(spellings => spellings.Skip(1)))
            .Distinct(StringComparer.Ordinal)
            .Take(countMax)];

    /// <summary>The seeds that are written with a host name, with that name.</summary>
    public IEnumerable<(string Seed, string Host)> HostNames =>
        _bySeed.Keys.Select(seed => (seed, HostOf(seed))).Where(pair => !IPAddress.TryParse(pair.Item2, out _));

    /// <summary>The host name of a seed resolves to these addresses.</summary>
    /// <returns>Whether there is more to greet than before.</returns>
    public bool Resolved(string seed, IEnumerable<IPAddress> addresses)
    {
        if (_answered.Contains(seed))
        {
            return false;
        }

        var port = seed[seed.LastIndexOf(':')..];

        // An address that holds on one machine only, such as fe80::1%2, is none that a node advertises.
        var spellings = addresses
            .Select(address => (address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}") + port)
            .Where(spelling => NodeAddress.IsValid(spelling))
            .Take(ResolvedMax);
        var before = _bySeed[seed];
        _bySeed[seed] = [.. before.Union(spellings, StringComparer.Ordinal)];
        return _bySeed[seed].Length > before.Length;
    }

    /// <summary>Every address that is greeted has answered, except these.</summary>
    /// <returns>Whether there is less to greet than before.</returns>
    public bool Unanswered(ImmutableArray<string> unanswered)
    {
        var isNarrowed = false;
        var answered = All.Except(unanswered, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        foreach (var (seed, spellings) in _bySeed.ToList())
        {
            var answering = spellings.RemoveAll(spelling => !answered.Contains(spelling));
            if (answering.IsEmpty)
            {
                continue;
            }

            _answered.Add(seed);
            _bySeed[seed] = answering;
            isNarrowed |= answering.Length < spellings.Length;
        }

        return isNarrowed;
    }

    /// <summary>The seeds that have answered under none of their spellings.</summary>
    public IEnumerable<string> Silent => _bySeed.Keys.Where(seed => !_answered.Contains(seed));

    private static string HostOf(string seed) => seed[..seed.LastIndexOf(':')].Trim('[', ']');
}
