using System.Reflection;
using System.Runtime.Loader;
using PresenceTracker.Simulator.Reports;

namespace PresenceTracker.Simulator.Mutants;

/// <summary>The cores and the simulator with a planted bug, loaded beside this program's own, until this is disposed.</summary>
internal sealed class MutantAssemblies : IDisposable
{
    private readonly AssemblyLoadContext _context = new("mutant", isCollectible: true);
    private readonly Func<ulong, object> _run;
    private readonly PropertyInfo _failure;
    private readonly PropertyInfo _foundBy;

    public MutantAssemblies(IReadOnlyList<byte[]> images)
    {
        // What they refer to is looked for among them first, then among this program's own, which have the same names.
        var loaded = images.Select(image => _context.LoadFromStream(new MemoryStream(image))).ToList();
        var run = loaded[^1].GetType(typeof(Simulation).FullName!, throwOnError: true)!.GetMethod(nameof(Simulation.Run))!;
        _run = seed => run.Invoke(null, [seed, false, null])!;
        _failure = run.ReturnType.GetProperty(nameof(RunReport.Failure))!;
        _foundBy = run.ReturnType.GetProperty(nameof(RunReport.FoundBy))!;
    }

    /// <summary>Runs a seed with the planted bug.</summary>
    /// <returns>Null if nothing was found.</returns>
    public (string By, string What)? Run(ulong seed)
    {
        var report = _run(seed);
        return _failure.GetValue(report) is string what ? ((string)_foundBy.GetValue(report)!, what) : null;
    }

    public void Dispose() => _context.Unload();
}
