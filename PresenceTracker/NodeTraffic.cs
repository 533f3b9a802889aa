namespace PresenceTracker;

/// <summary>What went one way between this node and another since it was last added to those known.</summary>
/// <param name="Messages">Messages of gossip, membership and leases.</param>
/// <param name="Bytes">Their encoded lengths, without what Akka.Remote and TCP add.</param>
public readonly record struct NodeTraffic(long Messages, long Bytes);
