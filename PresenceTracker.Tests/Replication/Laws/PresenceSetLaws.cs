using System.Runtime.CompilerServices;
using CsCheck;
using PresenceTracker.Protocol.Collections;
using Xunit;
using Xunit.Abstractions;

namespace PresenceTracker.Tests.Replication.Laws;

/// <summary>What holds for every history, however its messages are cut, mixed, lost and repeated. See docs/TESTING.md.</summary>
public sealed class PresenceSetLaws(ITestOutputHelper output)
{
    private const LawClass Cuts = LawClass.ThreeReplicas | LawClass.Update | LawClass.Chunk | LawClass.Split | Sizes;

    private const LawClass Sizes =
        LawClass.LogUnder | LawClass.LogAt | LawClass.LogOver | LawClass.MessageUnder | LawClass.MessageAt | LawClass.MessageOver;

    [Fact]
    public void Any_split_order_loss_and_repetition_through_relays_converges() =>
        Check(LawScenario.Any, LawClass.All, scenario =>
        {
            var world = new LawWorld(scenario);
            world.Run();
            world.Quiesce();
            world.CheckAgreement();
            return world.Seen;
        });

    [Fact]
    public void Diffs_fold_to_the_list_at_every_step() =>
        Check(LawScenario.Any, LawClass.All, scenario =>
        {
            // The readers check it.
            var world = new LawWorld(scenario);
            world.Run();
            return world.Seen;
        });

    [Fact]
    public void No_chunking_of_any_history_turns_an_update_into_a_leave_and_a_join() =>
        Check(LawScenario.OnlyMessages, LawClass.Messages | Sizes, scenario =>
        {
            // The readers check it, of every replica that they have not been told to hide.
            var world = new LawWorld(scenario);
            world.Run();
            return world.Seen;
        });

    [Fact]
    public void Merging_is_commutative_associative_and_idempotent() =>
        Check(Gen.Select(LawScenario.OnlyOperations, Gen.Int[0, 255].Array[9]), Cuts, one =>
        {
            var (scenario, versions) = one;
            var history = new LawSnapshots(scenario);
            LawState A() => history.StateAt(versions[..3]);
            LawState B() => history.StateAt(versions[3..6]);
            LawState C() => history.StateAt(versions[6..]);

            var ab = A().Merge(B()).CheckContents();
            Assert.Equal(ab.Text, B().Merge(A()).Text);
            Assert.Equal(A().Merge(B()).Merge(C()).CheckContents().Text, A().Merge(B().Merge(C())).Text);

            var events = ab.EventCount;
            Assert.Equal(ab.Text, ab.Merge(A()).Merge(B()).Merge(ab).Text);
            Assert.Equal(events, ab.EventCount);
            return history.Seen;
        });

    [Fact]
    public void Messages_in_any_order_and_number_lead_to_one_state() =>
        Check(Gen.Select(LawScenario.OnlyOperations, Gen.ULong, Gen.ULong), Cuts, one =>
        {
            var (scenario, first, second) = one;
            var history = new LawSnapshots(scenario);
            Assert.Equal(
                history.NewState().ApplyAll(history.Messages, new Prng(first)).CheckContents().Text,
                history.NewState().ApplyAll(history.Messages, new Prng(second)).Text);
            return history.Seen;
        });

    [Fact]
    public void Catch_up_ends_while_more_operations_than_the_log_holds_are_applied() =>
        Check(
            LawCatchUpCase.Any,
            LawClass.Update | LawClass.Chunk | LawClass.Split | LawClass.Relay | LawClass.LogOutrun,
            one => new LawCatchUp(one).Run());

    private void Check<T>(Gen<T> cases, LawClass needed, Func<T, LawClass> run, [CallerMemberName] string law = "") =>
        Law.Check(output, nameof(PresenceSetLaws), cases, needed, run, law);
}
