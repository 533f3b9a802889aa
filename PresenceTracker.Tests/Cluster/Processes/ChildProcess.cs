using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>
/// A .NET program as a process that a test can pause, ask to end and kill, with the latest lines that it has written. Thread-safe. Disposing
/// it kills the process.
/// </summary>
internal class ChildProcess : IAsyncDisposable
{
    private const int LogLinesKept = 200;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private const int SignalTerminate = 15;

    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _log = new();

    /// <param name="name">Stands before each line of <see cref="Log"/>.</param>
    /// <param name="assemblyPath">The program; it runs under the same runtime as the tests.</param>
    public ChildProcess(string name, string assemblyPath, IEnumerable<string> arguments)
    {
        Name = name;
        var start = new ProcessStartInfo(DotnetPath())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(assemblyPath);
        foreach (var argument in arguments)
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

    private void Signal(int signal)
    {
        if (Kill(Process.Id, signal) != 0)
        {
            throw new InvalidOperationException(
                $"signal {signal} did not reach process {Process.Id}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    // Wherever it is installed.
    private static string DotnetPath() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
