using System.Collections.Immutable;
using System.Diagnostics;
using PresenceTracker.Benchmarks.Results;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Benchmarks.Scenarios;

/// <summary>What taking in a few changes costs as more and more is held.</summary>
internal sealed class GrowthScenario : Scenario
{
    private const int Changes = 100;
    private const int Rounds = 400;
    private static readonly int[] Sizes = [10_000, 100_000, 500_000];
    private static readonly NodeId Self = new("127.0.0.1:1", new Incarnation(1, 1));
    private static readonly NodeId Other = new("127.0.0.1:2", new Incarnation(1, 2));
    private static readonly ReplicaId Replica = new(Other, 0, 0);

    public override string Name => "W7";

    public override string Title => $"Taking in {Changes} changes";

    public override string Method =>
        $"A shard that holds so many presences of another node, in topics of 100, takes in {Rounds} deltas of {Changes} changes each, half of them joins and half leaves, to what readers see; the middle of the times.";

    public override Task<IReadOnlyList<ScenarioLine>> RunAsync(Action<string> progress)
    {
        List<ScenarioLine> lines = [];

        // The first time pays for the compiler.
        Measure(Sizes[0]);
        double? smallest = null;
        foreach (var size in Sizes)
        {
            progress($"{size:n0} held");
            var time = Measure(size);
            smallest ??= time;
            lines.Add(new ScenarioLine(
                $"{Changes} changes with {size:n0} held", " ms", time, [new PeerValue($"with {Sizes[0]:n0}", smallest.Value)],
                size == Sizes[^1] ? [Bar.AtMost("growth", time / smallest.Value, 1.2), Bar.AtMost("ms", time, 0.5)] : []));
        }

        return Task.FromResult<IReadOnlyList<ScenarioLine>>(lines);
    }

    private static double Measure(int size)
    {
        var writer = new PresenceSet(Replica, new PresenceSetOptions { ShardCount = 1 });
        var reader = new PresenceSet(new ReplicaId(Self, 0, 0), new PresenceSetOptions { ShardCount = 1 });
        reader.NodeUp(new NodeRecord(Other, 0, []));
        var presences = Presences.Make(size + (Changes * Rounds), Math.Max(1, size / 100));
        for (var first = 0; first < size; first += Changes)
        {
            Move(writer, reader, presences.AsSpan(first, Changes), []);
        }

        List<double> times = [];
        for (var round = 0; round < Rounds; round++)
        {
            var deltas = Write(writer, presences.AsSpan(size + (round * Changes / 2), Changes / 2), presences.AsSpan(round * Changes / 2, Changes / 2));
            var before = Stopwatch.GetTimestamp();
            Take(reader, deltas);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        return times.Order().ElementAt(Rounds / 2);
    }

    private static void Move(PresenceSet writer, PresenceSet reader, ReadOnlySpan<Stores.PresenceKey> joins, ReadOnlySpan<Stores.PresenceKey> leaves) =>
        Take(reader, Write(writer, joins, leaves));

    private static ImmutableArray<Dots> Write(PresenceSet writer, ReadOnlySpan<Stores.PresenceKey> joins, ReadOnlySpan<Stores.PresenceKey> leaves)
    {
        var from = writer.Context;
        foreach (var presence in joins)
        {
            writer.Track(IdOf(presence), presence.Key, presence.Meta, TimeSpan.Zero);
        }

        foreach (var presence in leaves)
        {
            writer.Untrack(IdOf(presence), RemovalCause.Untracked);
        }

        writer.CompleteTurn();
        return writer.OwnOperationsAfter(from);
    }

    private static void Take(PresenceSet reader, ImmutableArray<Dots> deltas)
    {
        foreach (var delta in deltas)
        {
            if (reader.Apply(delta) is var verdict and not ApplyVerdict.Applied and not ApplyVerdict.Incomplete)
            {
                throw new InvalidOperationException($"a delta was {verdict}");
            }
        }

        reader.CompleteTurn();
    }

    private static PresenceId IdOf(Stores.PresenceKey presence) => new(presence.Topic, presence.Key, $"connection:{presence.Owner}");
}
