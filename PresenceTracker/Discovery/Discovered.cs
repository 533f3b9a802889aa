using System.Collections.Immutable;

namespace PresenceTracker.Discovery;

/// <summary>All that was found in any way; it replaces what was found before.</summary>
/// <param name="AwaitsMore">Whether nobody else was found yet, and not every way has been looked at with success.</param>
internal sealed record Discovered(ImmutableArray<string> Addresses, bool AwaitsMore);
