namespace PresenceTracker.SignalR.Http;

/// <param name="Self">The address of the node that answers.</param>
internal sealed record NodeList(string Self, IReadOnlyList<NodeEntry> Nodes);
