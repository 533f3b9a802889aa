namespace PresenceTracker.Protocol.Presences;

/// <summary>What a presence is named by within its replica: who (key) is where (topic), and through what (owner).</summary>
public readonly record struct PresenceId(string Topic, string Key, string Owner);
