using System.Diagnostics;
using System.Runtime.InteropServices;
using PresenceTracker.Host;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.Host;

/// <summary>The Host as a process of its own. Disposing it kills it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private const int SignalTerminate = 15;

    private readonly Process _process;
    private readonly Task<string> _errors;

    private HostProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static HostProcess Start(IEnumerable<string> arguments)
    {
        var dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return new HostProcess(Process.Start(new ProcessStartInfo(dotnet, [typeof(HostProgram).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    public async Task<string> NextLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().InTime() ?? throw new InvalidOperationException("it has ended: " + await _errors);

    /// <summary>As an orchestrator asks a process to end.</summary>
    public void Terminate() => Kill(_process.Id, SignalTerminate);

    public async Task<int> ExitedAsync()
    {
        await _process.WaitForExitAsync().InTime();
        return _process.ExitCode;
    }

    /// <summary>What it has said and nobody has read, on both ways out.</summary>
    public async Task<string> RestAsync() => await _process.StandardOutput.ReadToEndAsync().InTime() + await _errors.InTime();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
