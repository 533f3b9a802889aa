using System.Text.Json;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>One line of a node process: the answer to the request of that number, or why there is none.</summary>
internal sealed record ReplyLine(long Number, JsonElement? Reply, string? Error, string? ErrorType);
