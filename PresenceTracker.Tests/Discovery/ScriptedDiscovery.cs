using System.Threading.Channels;
using PresenceTracker.Discovery;
using PresenceTracker.Tests.Surface;

namespace PresenceTracker.Tests.Discovery;

/// <summary>A way to find nodes that finds what a test says, when it says so.</summary>
internal sealed class ScriptedDiscovery : IDiscovery
{
    private readonly Channel<TaskCompletionSource<Finding>> _looks = Channel.CreateUnbounded<TaskCompletionSource<Finding>>();

    public string Name => "the script";

    public DiscoverySource Source => DiscoverySource.Dns;

    /// <summary>Tells that it is worth while to look.</summary>
    public Action Changed { get; private set; } = () => { };

    public bool IsDisposed { get; private set; }

    /// <summary>Whether it is being looked at, and nobody has answered.</summary>
    public bool HasLook => _looks.Reader.TryPeek(out _);

    public void Begin(Action changed) => Changed = changed;

    public Task<Finding> LookAsync(CancellationToken cancellation)
    {
        var look = new TaskCompletionSource<Finding>();
        _looks.Writer.TryWrite(look);
        return look.Task;
    }

    /// <summary>Waits for the next look.</summary>
    public Task<TaskCompletionSource<Finding>> NextLookAsync() => _looks.Reader.ReadAsync().AsTask().InTime();

    /// <summary>Answers a look. What was found has been told to whoever looked when this completes.</summary>
    public static Task AnswerAsync(TaskCompletionSource<Finding> look, Finding finding) => Task.Run(() => look.SetResult(finding));

    public void Dispose() => IsDisposed = true;
}
