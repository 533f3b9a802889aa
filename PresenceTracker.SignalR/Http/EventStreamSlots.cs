using System.Globalization;
using Microsoft.Extensions.Options;
using PresenceTracker.Errors;

namespace PresenceTracker.SignalR.Http;

/// <summary>How many event streams are open, and may be. Thread-safe.</summary>
internal sealed class EventStreamSlots(IOptions<PresenceApiOptions> options)
{
    private int _taken;

    /// <exception cref="LimitExceededException">All are taken.</exception>
    public void Take()
    {
        var max = options.Value.EventStreamsMax;
        if (Interlocked.Increment(ref _taken) > max)
        {
            Release();
            throw new LimitExceededException(
                "event-streams", string.Create(CultureInfo.InvariantCulture, $"more than {max}"),
                string.Create(CultureInfo.InvariantCulture, $"at most {max} at a time"), nameof(PresenceApiOptions.EventStreamsMax))
            {
                IsTemporary = true,
            };
        }
    }

    public void Release() => Interlocked.Decrement(ref _taken);
}
