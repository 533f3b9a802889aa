using System.CommandLine;
using PresenceTracker.Benchmarks.Commands;

var root = new RootCommand("Measures what the tracker costs, beside its peers and the bare machine, in one run.")
{
    ScenariosCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
