using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Replication.Laws;

public sealed class PresenceSetLaws(ITestOutputHelper output)
{
    [Fact]
    public void Any_split_order_loss_and_repetition_through_relays_converges() =>
        Law.Check(output, nameof(PresenceSetLaws), LawScenario.Any, LawClass.All, scenario =>
        {
            var world = new LawWorld(scenario);
            world.Run();
            world.Quiesce();
            world.CheckAgreement();
            return world.Seen;
        });
}
