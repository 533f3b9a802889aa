namespace PresenceTracker;

/// <param name="Keys">How many different keys are present.</param>
/// <param name="Metas">How many presences there are; a key has one for each of its owners.</param>
public readonly record struct TopicCount(int Keys, int Metas);
