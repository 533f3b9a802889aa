using System.Collections.Immutable;
using CsCheck;

namespace PresenceTracker.Tests.Replication.Laws;

/// <param name="Nodes">How many nodes there are.</param>
/// <param name="LogRemovals">How many removals the logs of a set hold together.</param>
/// <param name="MessageBytes">The limit of one message.</param>
/// <param name="WalkEntries">How many entries a slice walks over.</param>
internal sealed record LawScenario(int Nodes, int LogRemovals, int MessageBytes, int WalkEntries, ImmutableArray<LawStep> Steps)
{
    private static readonly Gen<LawStep> AnyStep = Gen.Select(
        Gen.Frequency(
            (16, LawAction.Track), (10, LawAction.Update), (6, LawAction.Untrack), (8, LawAction.Burst),
            (3, LawAction.Disconnect), (3, LawAction.Expire),
            (9, LawAction.Push), (16, LawAction.Deliver), (4, LawAction.Repeat), (3, LawAction.Lose),
            (8, LawAction.Pull), (8, LawAction.PullAnything), (10, LawAction.Exchange),
            (3, LawAction.Down), (2, LawAction.Remove), (7, LawAction.Learn), (5, LawAction.Show), (8, LawAction.Walk),
            (1, LawAction.Crash), (1, LawAction.Restart), (1, LawAction.Rename)),
        Gen.Byte, Gen.Byte, Gen.Byte, (action, node, peer, choice) => new LawStep(action, node, peer, choice));

    private static readonly Gen<int> AnyMessageBytes = Gen.Select(Gen.Int[1, 3], Gen.Int[0, 2], Gen.Int[-1, 1], (entries, removals, slack) =>
        Math.Max(LawWorld.EntryBytes + LawWorld.RemovalBytes, (entries * LawWorld.EntryBytes) + (removals * LawWorld.RemovalBytes) + slack));

    public static readonly Gen<LawScenario> Any = Gen.Select(
        Gen.Int[3, 4], Gen.Int[1, 4], AnyMessageBytes, Gen.Int[1, 3], AnyStep.Array[20, 90], (nodes, log, message, walk, steps) =>
            new LawScenario(nodes, log, message, walk, [.. steps]));

    public override string ToString() =>
        $"{Nodes} nodes, log {LogRemovals}, message {MessageBytes} B, walk {WalkEntries}: {string.Join("; ", Steps)}";
}
