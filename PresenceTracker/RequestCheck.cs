using System.Globalization;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Wire;

namespace PresenceTracker;

/// <summary>Refuses what a caller may not ask for, before anything is changed.</summary>
internal sealed class RequestCheck(PresenceSettings settings)
{
    public PresenceId Id(string topic, string key, Owner owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        settings.CheckTopic(topic);
        settings.CheckKey(key);
        settings.CheckOwner(owner.Id);
        return new PresenceId(topic, key, owner.Id);
    }

    /// <summary>The request with the leave grace of its owner's kind filled in.</summary>
    public TrackRequest Complete(TrackRequest request)
    {
        _ = Id(request.Topic, request.Key, request.Owner);
        settings.CheckMeta(request.Meta);
        var grace = request.LeaveGrace ?? (request.Owner is Owner.ConnectionOwner ? settings.LeaveGrace : TimeSpan.Zero);
        if (grace < TimeSpan.Zero || grace > WireLimits.LeaveGraceMax)
        {
            throw new LimitExceededException(
                "leave-grace", grace.ToString("c", CultureInfo.InvariantCulture), $"00:00:00 to {WireLimits.LeaveGraceMax:c}", "presence.leave-grace");
        }

        return request with { LeaveGrace = grace };
    }
}
