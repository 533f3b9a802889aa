namespace PresenceTracker.SignalR.Http;

/// <param name="Topics">In ordinal order.</param>
internal sealed record KeyTopicList(string Key, IReadOnlyList<string> Topics);
