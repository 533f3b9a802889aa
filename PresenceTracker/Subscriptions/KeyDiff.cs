namespace PresenceTracker.Subscriptions;

/// <summary>What changed for the keys of a <see cref="KeySubscription"/>. No key is in both.</summary>
/// <param name="CameOnline">Keys whose first presence in any topic came.</param>
/// <param name="WentOffline">Keys whose last presence in any topic went, after its leave grace if it has one.</param>
public sealed record KeyDiff(IReadOnlyList<string> CameOnline, IReadOnlyList<string> WentOffline);
