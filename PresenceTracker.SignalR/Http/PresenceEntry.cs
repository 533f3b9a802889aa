using System.Text.Json.Nodes;

namespace PresenceTracker.SignalR.Http;

/// <summary>One key in a presence_state. Only describes in the OpenAPI document what <see cref="Phoenix.PhoenixJson"/> writes.</summary>
/// <param name="Metas">One for each presence of the key: what was tracked, and its phx_ref. What an enricher of the application knows of the key stands beside.</param>
internal sealed record PresenceEntry(IReadOnlyList<JsonObject> Metas);
