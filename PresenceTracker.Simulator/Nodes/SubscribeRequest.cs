namespace PresenceTracker.Simulator.Nodes;

/// <summary>Begins to send the diffs of a topic.</summary>
internal sealed record SubscribeRequest(Subscriber Subscriber);
