namespace PresenceTracker.SignalR.Http;

/// <summary>One line of a body. Its bytes are valid until the next line is read.</summary>
/// <param name="Number">From 1.</param>
/// <param name="IsTooLong">Whether it was longer than a line may be; then its bytes are not kept.</param>
internal readonly record struct JsonLine(int Number, ReadOnlyMemory<byte> Utf8, bool IsTooLong);
