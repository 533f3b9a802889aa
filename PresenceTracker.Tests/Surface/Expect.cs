using PresenceTracker.Protocol.Presences;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.Tests.Surface;

/// <summary>Waits for what must happen, and says what it waited for if it does not.</summary>
internal static class Expect
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task InTime(this Task task) => task.WaitAsync(Patience);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static async Task<TDiff> NextAsync<TState, TDiff>(this Subscription<TState, TDiff> subscription)
        where TState : class
        where TDiff : class
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var diff in subscription.Diffs(patience.Token))
        {
            return diff;
        }

        throw new InvalidOperationException("the subscription ended");
    }

    public static async Task<PresenceEvent> NextEventAsync(this Subscription subscription) =>
        Xunit.Assert.Single((await subscription.NextAsync()).Events);

    /// <summary>Waits for the change to this meta.</summary>
    /// <returns>How many changes there were until then, with that one.</returns>
    public static async Task<int> CountUntilAsync(this Subscription subscription, string meta)
    {
        var changes = 1;
        while ((await subscription.NextEventAsync()).Presence.Meta.ToString() != meta)
        {
            changes++;
        }

        return changes;
    }

    /// <summary>Asks again and again, for what no event tells of.</summary>
    /// <param name="seen">What there is instead, for the message.</param>
    public static async Task UntilAsync(Func<bool> holds, string what, Func<string>? seen = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!holds())
        {
            try
            {
                await often.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"waited {Patience.TotalSeconds} s for: {what}\n{seen?.Invoke()}");
            }
        }
    }
}
