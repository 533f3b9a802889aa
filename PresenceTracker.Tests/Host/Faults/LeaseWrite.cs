namespace PresenceTracker.Tests.Host.Faults;

/// <summary>One request about the lease of a key, as the backend that sent it knows it. The backend sends the next one after it.</summary>
/// <param name="Number">Of the meta that the key was given, which no other key has; null for an end.</param>
/// <param name="Through">Which Host was asked.</param>
/// <param name="Ended">When it was answered, or given up.</param>
/// <param name="IsAcknowledged">If not, it may have had its effect all the same, or have it later.</param>
internal sealed record LeaseWrite(
    string Topic, string Key, int? Number, int Through, TimeSpan Began, TimeSpan Ended, bool IsAcknowledged);
