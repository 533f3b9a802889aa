using CsCheck;
using PresenceTracker.Simulator.Measurements;
using PresenceTracker.Tests.Wire;
using PresenceTracker.Wire;
using Xunit;

namespace PresenceTracker.Tests.Simulation;

/// <summary>The simulator does not know the wire; the bytes that it counts are bounds of what stands there.</summary>
public sealed class MessageSizeTests
{
    [Fact]
    public void No_message_takes_more_bytes_on_the_wire_than_are_counted() => WireGen.Gossip.Sample(
        envelope =>
        {
            var counted = MessageSize.Of(envelope.From, envelope.Message);
            var written = GossipCodec.Encode(envelope).CalculateSize();
            Assert.True(written <= counted, $"{envelope.Message.GetType().Name} takes {written} bytes; {counted} are counted");
        },
        iter: 20_000);
}
