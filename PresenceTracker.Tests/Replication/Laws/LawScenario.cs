using System.Collections.Immutable;
using CsCheck;

namespace PresenceTracker.Tests.Replication.Laws;

/// <param name="Nodes">How many nodes there are.</param>
/// <param name="LogRemovals">How many removals the logs of a set hold together.</param>
/// <param name="MessageBytes">The limit of one message.</param>
/// <param name="WalkEntries">How many entries a slice walks over.</param>
internal sealed record LawScenario(int Nodes, int LogRemovals, int MessageBytes, int WalkEntries, ImmutableArray<LawStep> Steps)
{
    private static readonly Gen<int> AnyMessageBytes = Gen.Select(
        Gen.Frequency((2, (1, 1)), (2, (1, 2)), (2, (2, 0)), (2, (2, 1)), (1, (2, 2)), (1, (3, 0))),
        Gen.Frequency((4, -1), (3, 0), (3, 1)),
        (size, slack) => Math.Max(
            LawWorld.EntryBytes + LawWorld.RemovalBytes,
            (size.Item1 * LawWorld.EntryBytes) + (size.Item2 * LawWorld.RemovalBytes) + slack));

    private static readonly (int Weight, LawAction Action)[] Operations =
    [
        (16, LawAction.Track), (10, LawAction.Update), (6, LawAction.Untrack), (8, LawAction.Burst),
    ];

    private static readonly (int Weight, LawAction Action)[] Messages =
    [
        (9, LawAction.Push), (16, LawAction.Deliver), (4, LawAction.Repeat), (3, LawAction.Lose),
        (8, LawAction.Pull), (8, LawAction.PullAnything), (10, LawAction.Exchange),
    ];

    private static readonly (int Weight, LawAction Action)[] Membership =
    [
        (4, LawAction.Disconnect), (3, LawAction.Expire),
        (3, LawAction.Down), (2, LawAction.Remove), (7, LawAction.Learn), (5, LawAction.Show), (8, LawAction.Walk),
        (1, LawAction.Crash), (1, LawAction.Restart), (1, LawAction.Rename),
    ];

    /// <summary>Everything that can happen.</summary>
    public static readonly Gen<LawScenario> Any = Of([.. Operations, .. Messages, .. Membership], stepsMin: 30, stepsMax: 110);

    /// <summary>Everybody stays up.</summary>
    public static readonly Gen<LawScenario> OnlyMessages = Of([.. Operations, .. Messages], stepsMin: 20, stepsMax: 70);

    /// <summary>Nobody hears of anybody.</summary>
    public static readonly Gen<LawScenario> OnlyOperations = Of(Operations, stepsMin: 10, stepsMax: 30);

    public override string ToString() =>
        $"{Nodes} nodes, log {LogRemovals}, message {MessageBytes} B, walk {WalkEntries}: {string.Join("; ", Steps)}";

    private static Gen<LawScenario> Of((int Weight, LawAction Action)[] actions, int stepsMin, int stepsMax)
    {
        var step = Gen.Select(Gen.Frequency(actions), Gen.Byte, Gen.Byte, Gen.Byte, (action, node, peer, choice) =>
            new LawStep(action, node, peer, choice));
        return Gen.Select(
            Gen.Int[3, 4],
            Gen.Int[1, 4],
            AnyMessageBytes,
            Gen.Frequency((3, 1), (2, 2)),
            step.Array[stepsMin, stepsMax],
            (nodes, log, bytes, walk, steps) => new LawScenario(nodes, log, bytes, walk, [.. steps]));
    }
}
