using System.Text.Json.Nodes;

namespace PresenceTracker.Tests.Host.Processes;

/// <summary>What a client makes of <c>presence_state</c> and every later <c>presence_diff</c>, as phoenix.js does. Not thread-safe.</summary>
internal sealed class PresenceFold
{
    private SortedDictionary<string, List<string>> _refs = new(StringComparer.Ordinal);

    /// <summary>The refs that are present, by key.</summary>
    public SortedDictionary<string, string[]> Refs => new(_refs.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray()), StringComparer.Ordinal);

    public static PresenceFold Of(JsonObject state)
    {
        var fold = new PresenceFold();
        fold.Replace(state);
        return fold;
    }

    public static SortedDictionary<string, string[]> RefsOf(JsonObject state) => Of(state).Refs;

    public void Replace(JsonObject state)
    {
        _refs = new(StringComparer.Ordinal);
        foreach (var (key, presence) in state)
        {
            _refs[key] = [.. MetaRefs(presence!)];
        }
    }

    /// <exception cref="InvalidOperationException">The diff joins what is present or takes away what is not.</exception>
    public void Apply(JsonObject diff)
    {
        foreach (var (key, presence) in diff["joins"]!.AsObject())
        {
            if (!_refs.TryGetValue(key, out var present))
            {
                _refs[key] = present = [];
            }

            foreach (var joined in MetaRefs(presence!))
            {
                if (present.Contains(joined))
                {
                    throw new InvalidOperationException($"{key} joins with {joined}, which is present: {diff}");
                }

                present.Add(joined);
            }
        }

        foreach (var (key, presence) in diff["leaves"]!.AsObject())
        {
            foreach (var left in MetaRefs(presence!))
            {
                if (!_refs.TryGetValue(key, out var present) || !present.Remove(left))
                {
                    throw new InvalidOperationException($"{key} leaves with {left}, which is not present: {diff}");
                }

                if (present.Count == 0)
                {
                    _refs.Remove(key);
                }
            }
        }
    }

    private static IEnumerable<string> MetaRefs(JsonNode presence) =>
        presence["metas"]!.AsArray().Select(meta => meta!["phx_ref"]!.GetValue<string>());
}
