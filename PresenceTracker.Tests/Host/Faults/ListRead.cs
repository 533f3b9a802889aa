namespace PresenceTracker.Tests.Host.Faults;

/// <summary>What a Host answered when it was asked for its list.</summary>
/// <param name="Digest">As of <see cref="WatchSession.Digest"/>.</param>
internal sealed record ListRead(int Host, string Topic, TimeSpan Began, TimeSpan Ended, ulong Digest);
