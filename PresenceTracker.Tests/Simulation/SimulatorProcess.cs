using PresenceTracker.Simulator;
using PresenceTracker.Tests.Cluster.Processes;

namespace PresenceTracker.Tests.Simulation;

/// <summary>The simulator's command line, as a process of its own.</summary>
internal sealed class SimulatorProcess(params string[] arguments)
    : ChildProcess("simulator", typeof(SwarmOptions).Assembly.Location, arguments)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public Task<string> OutputAsync() => Process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
}
