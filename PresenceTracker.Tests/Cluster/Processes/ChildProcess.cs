using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>
/// A program as a process that a test can pause, ask to end and kill, with the latest lines that it has written. Thread-safe. Disposing
/// it kills the process.
/// </summary>
internal class ChildProcess : IAsyncDisposable
{
    private const int LogLinesKept = 200;
    private const int SignalInterrupt = 2;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private const int SignalTerminate = 15;

    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _log = new();

    /// <param name="name">Stands before each line of <see cref="Log"/>.</param>
    /// <param name="program">If it is an assembly, it runs under the same runtime as the tests.</param>
    public ChildProcess(string name, string program, IEnumerable<string> arguments)
    {
        Name = name;
        var isAssembly = Path.GetExtension(program) == ".dll";
        var start = new ProcessStartInfo(isAssembly ? DotnetPath() : program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var argument in isAssembly ? arguments.Prepend(program) : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        Process = Process.Start(start)!;
        Process.ErrorDataReceived += (_, line) => Keep(line.Data);
        Process.BeginErrorReadLine();
    }

    public string Name { get; }

    public int ProcessId => Process.Id;

    public bool HasExited => Process.HasExited;

    /// <summary>The latest of what the process has written to its error stream, and of what was kept by <see cref="Keep"/>.</summary>
    public string Log => string.Join(Environment.NewLine, _log.Select(line => $"  {Name} | {line}"));

    protected IEnumerable<string> Lines => _log;

    protected Process Process { get; }

    /// <summary>As by <c>kill -9</c>: the process has no chance to say anything.</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync();
    }

    /// <summary>Stops it from running, as a debugger or a paused virtual machine does.</summary>
    public void Pause() => Signal(SignalStop);

    public void Resume() => Signal(SignalContinue);

    /// <summary>As an orchestrator asks a process to end.</summary>
    public void Terminate() => Signal(SignalTerminate);

    /// <summary>As Ctrl-C in its terminal does, to it and all that it has started. It must lead a group of its own.</summary>
    public void InterruptGroup() => Signal(-Process.Id, SignalInterrupt);

    /// <summary>Whether anything of what it has started still runs.</summary>
    public bool HasGroup() => Kill(-Process.Id, 0) == 0;

    /// <returns>The exit code.</returns>
    public async Task<int> ExitedAsync()
    {
        await Process.WaitForExitAsync().WaitAsync(ExitPatience);
        return Process.ExitCode;
    }

    /// <summary>How much memory the process occupies, as the operating system sees it.</summary>
    public long WorkingSetBytes()
    {
        Process.Refresh();
        return Process.WorkingSet64;
    }

    /// <summary>How long it has kept processors busy.</summary>
    public TimeSpan ProcessorTime()
    {
        Process.Refresh();
        return Process.TotalProcessorTime;
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
        }

        await Process.WaitForExitAsync();
        Process.Dispose();
    }

    protected void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line);
        if (_log.Count > LogLinesKept)
        {
            _log.TryDequeue(out _);
        }
    }

    private void Signal(int signal) => Signal(Process.Id, signal);

    private static void Signal(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new InvalidOperationException($"signal {signal} did not reach process {processId}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    // Wherever it is installed.
    private static string DotnetPath() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
