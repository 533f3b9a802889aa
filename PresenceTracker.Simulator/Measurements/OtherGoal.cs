using System.Collections.Immutable;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>A goal that another command shows, with its verdict in its exit code.</summary>
/// <param name="Goal">Its number.</param>
/// <param name="Bar">What must hold.</param>
/// <param name="Command">What to type.</param>
internal sealed record OtherGoal(string Goal, string Bar, string Command)
{
    private const string Simulator = "dotnet run --project PresenceTracker.Simulator -c Release --";

    public static ImmutableArray<OtherGoal> All { get; } =
    [
        new("G4", "lost, ghost and resurrected presences: 0, 0, 0, in simulated clusters under faults", $"{Simulator} swarm --seeds 20000"),
        new("G4", "the same after cuts between processes", "dotnet test --filter CutTests"),
        new("G5", "a change on one of three processes is seen by the others: median ≤ 15 ms, worst of 50 ≤ 100 ms (the goal is 60 and 250 ms)", "dotnet test --filter PropagationTests"),
        new("G7, G8", "of three processes, one that is killed is gone in 8 s, the worst of 30 kills; one that is asked to end in 1 s", "PRESENCE_LONG_TESTS=1 dotnet test --filter DepartureTests"),
        new("G11", "a paused process loses nothing", "PRESENCE_LONG_TESTS=1 dotnet test --filter ThreeHostsTests"),
        new("G20, G30", "no decoder takes or allocates beyond its limits, whatever comes: 10⁷ inputs", "PRESENCE_FUZZ_INPUTS=10000000 dotnet test -c Release --filter FullyQualifiedName~Fuzz"),
        new("G21", "300 seeds in 60 s in each test run, and 20,000 on the finished code", $"{Simulator} swarm --seeds 20000"),
        new("G21", "a seed leaves the same trace in each process", "dotnet test --filter ReplayTests"),
        new("G22", "each kind of fault did something: the table at the end", $"{Simulator} swarm --seeds 300"),
        new("G23", "each planted bug is found within 1,000 seeds, half of them within 100", $"{Simulator} mutants"),
        new("G24", "the laws of the presence set in 100,000 random histories", "PRESENCE_LAW_CASES=100000 dotnet test -c Release --filter FullyQualifiedName~Replication.Laws"),
    ];
}
