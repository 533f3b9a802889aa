namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>One line to a node process.</summary>
internal sealed record RequestLine(long Number, NodeRequest Request);
