using PresenceTracker.Protocol.Collections;

namespace PresenceTracker.Tests.Fuzz;

/// <summary>One decoder of what strangers send.</summary>
/// <param name="AllocatedBytesMax">Twice the longest input that reaches the decoder.</param>
/// <param name="Input">Makes an input; the same one from the same seed.</param>
/// <param name="Decode">Returns for what the decoder takes, and for what it refuses by its own exception; throws for everything else.</param>
internal sealed record FuzzTarget(string Name, long AllocatedBytesMax, Func<Prng, byte[]> Input, Action<byte[]> Decode);
