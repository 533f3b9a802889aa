using System.Text.Json.Nodes;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>Folds diffs, and tells of which keys a first meta came and a last one went. Not thread-safe.</summary>
/// <param name="before">What was listed before the first diff.</param>
internal sealed class KeyFold(IReadOnlyDictionary<string, string[]> before)
{
    private readonly Dictionary<string, HashSet<string>> _refs = before.ToDictionary(entry => entry.Key, entry => entry.Value.ToHashSet());

    public KeyEvents Seen { get; } = new([], []);

    /// <summary>A diff is one step: a key whose last meta leaves in it while another joins has not gone.</summary>
    /// <exception cref="InvalidOperationException">The diff joins what is present or takes away what is not.</exception>
    public void Apply(JsonObject diff)
    {
        var (joins, leaves) = (PresenceFold.RefsOf(diff["joins"]!.AsObject()), PresenceFold.RefsOf(diff["leaves"]!.AsObject()));
        foreach (var key in joins.Keys.Union(leaves.Keys))
        {
            var refs = _refs.GetValueOrDefault(key) ?? [];
            var wasPresent = refs.Count > 0;
            if (joins.GetValueOrDefault(key, []).Any(joined => !refs.Add(joined)) || leaves.GetValueOrDefault(key, []).Any(left => !refs.Remove(left)))
            {
                throw new InvalidOperationException($"{key} is told twice: {diff}");
            }

            _refs[key] = refs;
            if (wasPresent != refs.Count > 0)
            {
                (wasPresent ? Seen.Went : Seen.Came).Add(key);
            }
        }
    }
}
