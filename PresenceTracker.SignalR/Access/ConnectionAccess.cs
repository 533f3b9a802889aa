using System.Diagnostics;
using PresenceTracker.Errors;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.SignalR.Access;

/// <summary>What one connection may do, and how often: who may not is told why by a <see cref="PresenceException"/>. Not thread-safe.</summary>
/// <remarks>
/// Deviation from the design, which limits leaves too: whoever has joined may leave, however soon. A client of Phoenix takes a leave for done
/// whatever the answer, so a refused one would list who is gone until its connection ends. Each leave needs a join, which counts.
/// </remarks>
internal sealed class ConnectionAccess(PresenceCaller caller, IPresenceAuthorizer authorizer, PresenceHubOptions options)
{
    private readonly TokenBucket _calls = new(options.CallsBurst, options.CallsPerSecond);
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>May it join so many topics?</summary>
    public void CheckTopics(int count)
    {
        if (count > options.TopicsMax)
        {
            throw new LimitExceededException(
                "topics of a connection", $"{count}", $"at most {options.TopicsMax}", nameof(PresenceHubOptions.TopicsMax));
        }
    }

    // An authorizer that does not look at its token must not hold up the end of the connection, and with it its leaves in all topics.
    public async Task CheckJoinAsync(string topic, string key, CancellationToken cancellationToken)
    {
        TakeCall();
        Check(await authorizer.MayJoinAsync(caller, topic, key, cancellationToken).AsTask().WaitAsync(cancellationToken));
    }

    public async Task CheckListAsync(string topic, CancellationToken cancellationToken)
    {
        TakeCall();
        Check(await authorizer.MayListAsync(caller, topic, cancellationToken).AsTask().WaitAsync(cancellationToken));
    }

    public async Task CheckKeysAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        TakeCall();
        if (keys.Count > options.KeysMax)
        {
            throw new LimitExceededException(
                "keys of a connection", $"{keys.Count}", $"at most {options.KeysMax}", nameof(PresenceHubOptions.KeysMax));
        }

        Check(await authorizer.MayWatchAsync(caller, keys, cancellationToken).AsTask().WaitAsync(cancellationToken));
    }

    private void TakeCall()
    {
        if (!_calls.TryTake(Stopwatch.GetElapsedTime(_began)))
        {
            throw new LimitExceededException(
                "calls of a connection", "one more", $"at most {options.CallsBurst} at once and {options.CallsPerSecond} a second",
                $"{nameof(PresenceHubOptions.CallsBurst)}, {nameof(PresenceHubOptions.CallsPerSecond)}")
            {
                IsTemporary = true,
            };
        }
    }

    private static void Check(PresenceAccess access)
    {
        if (access.Reason is { } reason)
        {
            throw new PresenceRefusedException(reason);
        }
    }
}
