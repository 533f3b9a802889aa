using System.Collections.Concurrent;
using System.Text.Json;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>A node process as a test holds it. Thread-safe. Disposing it kills the process.</summary>
internal sealed class NodeProcess : ChildProcess
{
    private static readonly TimeSpan ReplyPatience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<long, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly Lock _input = new();
    private readonly Task _reading;
    private long _lastNumber;

    private NodeProcess(NodeProcessOptions options)
        : base(options.Address, typeof(NodeProcess).Assembly.Location, ["node"])
    {
        Options = options;
        _reading = ReadRepliesAsync();
    }

    public NodeProcessOptions Options { get; }

    public string Address => Options.Address;

    /// <summary>Starts a process, not yet its node.</summary>
    public static NodeProcess Launch(NodeProcessOptions options) => new(options);

    public Task<NodeReply.Identity> StartNodeAsync() => AskAsync(new NodeRequest.Start(Options));

    /// <exception cref="NodeErrorException">The node refused the request.</exception>
    public async Task<TReply> AskAsync<TReply>(NodeRequest.AnsweredBy<TReply> request, TimeSpan? patience = null)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        var completion = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[number] = completion;
        lock (_input)
        {
            Process.StandardInput.WriteLine(JsonSerializer.Serialize(new RequestLine(number, request)));
            Process.StandardInput.Flush();
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

    public override async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            await KillAsync();
        }

        await _reading;
        await base.DisposeAsync();
    }

    private async Task ReadRepliesAsync()
    {
        while (await Process.StandardOutput.ReadLineAsync() is { } line)
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
}
