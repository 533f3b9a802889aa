namespace PresenceTracker.Tests.Host.Faults;

/// <summary>A Host did not do what it was asked for, or what it had begun.</summary>
/// <param name="IsOfStream">It ended an event stream, or did not begin one. If not, it answered a write with 503, and the same write was answered so just before.</param>
/// <param name="Text">What it said, or what the client made of it.</param>
internal sealed record Refusal(int Host, bool IsOfStream, Span Span, string Text);
