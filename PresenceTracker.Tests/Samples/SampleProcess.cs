using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using PresenceTracker.Tests.Docs;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.Samples;

/// <summary>A sample as its user starts it. Disposing it kills the process.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private const int SignalTerminate = 15;

    private readonly Process _process;

    private SampleProcess(Process process) => _process = process;

    public static SampleProcess Start(string sample, params string[] arguments)
    {
        // Built beside this assembly, in the same configuration.
        var output = Path.GetRelativePath(Path.Combine(Repository.Root, "PresenceTracker.Tests"), AppContext.BaseDirectory);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(Repository.Root, "samples", sample, output, $"{sample}.dll"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new SampleProcess(Process.Start(start)!);
    }

    /// <summary>Reads lines until one matches.</summary>
    public async Task<Match> PrintsAsync(string pattern)
    {
        List<string> printed = [];
        using var patience = new CancellationTokenSource(Expect.Patience);
        try
        {
            while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                printed.Add(line);
                if (Regex.Match(line, pattern) is { Success: true } match)
                {
                    return match;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below, with what was printed.
        }

        throw new TimeoutException($"waited for a line like {pattern}, and saw:\n{string.Join('\n', printed)}");
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task EndAsync()
    {
        if (Kill(_process.Id, SignalTerminate) != 0)
        {
            throw new InvalidOperationException($"the signal did not reach process {_process.Id}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        await _process.WaitForExitAsync().InTime();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
