using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>A node process as a test holds it. Thread-safe. Disposing it kills the process.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const int LogLinesKept = 200;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private const int SignalTerminate = 15;

    private static readonly TimeSpan ReplyPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Lock _input = new();
    private readonly Task _reading;
    private long _lastNumber;

    private NodeProcess(Process process, NodeProcessOptions options)
    {
        _process = process;
        Options = options;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
        _reading = ReadRepliesAsync();
    }

    public NodeProcessOptions Options { get; }

    public string Address => Options.Address;

    public int ProcessId => _process.Id;

    /// <summary>The latest of what the process has logged.</summary>
    public string Log => string.Join(Environment.NewLine, _log.Select(line => $"  {Address} | {line}"));

    /// <summary>Starts a process, not yet its node.</summary>
    public static NodeProcess Launch(NodeProcessOptions options)
    {
        var start = new ProcessStartInfo(DotnetPath())
        {
            ArgumentList = { typeof(NodeProcess).Assembly.Location, "node" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new NodeProcess(Process.Start(start)!, options);
    }

    public Task<NodeReply.Identity> StartNodeAsync() => AskAsync(new NodeRequest.Start(Options));

    /// <exception cref="NodeErrorException">The node refused the request.</exception>
    public async Task<TReply> AskAsync<TReply>(NodeRequest.AnsweredBy<TReply> request, TimeSpan? patience = null)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var completion = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[number] = completion;
        lock (_input)
        {
            _process.StandardInput.WriteLine(JsonSerializer.Serialize(new RequestLine(number, request)));
            _process.StandardInput.Flush();
        }

        try
        {
            var reply = await completion.Task.WaitAsync(patience ?? ReplyPatience);
            return reply.Deserialize<TReply>()!;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Address} did not answer {request} within {patience ?? ReplyPatience}\n{Log}");
        }
        finally
        {
            _pending.TryRemove(number, out _);
        }
    }

    /// <summary>As by <c>kill -9</c>: the process has no chance to say anything.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Stops it from running, as a debugger or a paused virtual machine does.</summary>
    public void Pause() => Signal(SignalStop);

    public void Resume() => Signal(SignalContinue);

    /// <summary>As an orchestrator asks a process to end.</summary>
    public void Terminate() => Signal(SignalTerminate);

    /// <returns>The exit code.</returns>
    public async Task<int> ExitedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(ReplyPatience);
        return _process.ExitCode;
    }

    /// <summary>How much memory the process occupies, as the operating system sees it.</summary>
    public long WorkingSetBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _reading;
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadRepliesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var reply = JsonSerializer.Deserialize<ReplyLine>(line)!;
            if (!_pending.TryGetValue(reply.Number, out var completion))
            {
                continue;
            }

            if (reply.Reply is { } value)
            {
                completion.TrySetResult(value);
            }
            else
            {
                completion.TrySetException(new NodeErrorException(reply.ErrorType!, reply.Error!));
            }
        }

        foreach (var completion in _pending.Values)
        {
            completion.TrySetException(new InvalidOperationException($"the process of {Address} has ended\n{Log}"));
        }
    }

    private void Keep(string? line)
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
        if (Kill(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException(
                $"signal {signal} did not reach process {_process.Id}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    // The tests run under the same runtime, wherever it is installed.
    private static string DotnetPath() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
