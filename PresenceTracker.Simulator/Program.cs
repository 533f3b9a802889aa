using System.CommandLine;
using PresenceTracker.Simulator.Commands;

var root = new RootCommand("Runs whole clusters of the pure cores on virtual time, with faults, from seeds.")
{
    SwarmCommand.Create(),
    ReplayCommand.Create(),
    MutantsCommand.Create(),
    MeasureCommand.Create(),
};
return root.Parse(args).Invoke();
