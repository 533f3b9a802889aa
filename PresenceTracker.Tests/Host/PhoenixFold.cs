using System.Text.Json.Nodes;

namespace PresenceTracker.Tests.Host;

/// <summary>What a Phoenix client holds: the state, and each diff applied to it, joins first.</summary>
internal sealed class PhoenixFold(JsonObject state)
{
    public SortedSet<string> Refs { get; } = RefsOf(state);

    public static SortedSet<string> RefsOf(JsonNode state) => new(
        state.AsObject().SelectMany(entry => entry.Value!["metas"]!.AsArray().Select(meta => $"{entry.Key} {(string)meta!["phx_ref"]!}")),
        StringComparer.Ordinal);

    public void Apply(JsonObject diff)
    {
        Refs.UnionWith(RefsOf(diff["joins"]!));
        Refs.ExceptWith(RefsOf(diff["leaves"]!));
    }
}
