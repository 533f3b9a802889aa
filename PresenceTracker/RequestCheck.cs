using System.Globalization;
using System.Text;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Wire;

namespace PresenceTracker;

/// <summary>Refuses what a caller may not ask for, before anything is changed.</summary>
internal sealed class RequestCheck(PresenceSettings settings)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public void Topic(string topic) => Text("topic", topic, settings.TopicBytesMax);

    public void Key(string key) => Text("key", key, settings.KeyBytesMax);

    public PresenceId Id(string topic, string key, Owner owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Topic(topic);
        Key(key);
        Text("owner", owner.Id, settings.OwnerBytesMax);
        return new PresenceId(topic, key, owner.Id);
    }

    public void MetaSize(Meta meta)
    {
        ArgumentNullException.ThrowIfNull(meta);
        if (meta.Utf8.Length > settings.MetaBytesMax)
        {
            throw Exceeded("meta", $"{meta.Utf8.Length} bytes", $"at most {settings.MetaBytesMax} bytes");
        }
    }

    /// <summary>The request with the leave grace of its owner's kind filled in.</summary>
    public TrackRequest Complete(TrackRequest request)
    {
        _ = Id(request.Topic, request.Key, request.Owner);
        MetaSize(request.Meta);
        var grace = request.LeaveGrace ?? (request.Owner is Owner.ConnectionOwner ? settings.LeaveGrace : TimeSpan.Zero);
        if (grace < TimeSpan.Zero || grace > WireLimits.LeaveGraceMax)
        {
            throw Exceeded("leave-grace", grace.ToString("c", CultureInfo.InvariantCulture), $"00:00:00 to {WireLimits.LeaveGraceMax:c}");
        }

        return request with { LeaveGrace = grace };
    }

    private static void Text(string limit, string text, int bytesMax)
    {
        ArgumentNullException.ThrowIfNull(text, limit);
        int length;
        try
        {
            length = StrictUtf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw Exceeded(limit, "text with half of a surrogate pair", "well-formed Unicode");
        }

        if (length < 1 || length > bytesMax)
        {
            throw Exceeded(limit, $"{length} bytes", $"1 to {bytesMax} bytes");
        }
    }

    private static LimitExceededException Exceeded(string limit, string value, string allowed) =>
        new(limit, value, allowed, limit == "leave-grace" ? "presence.leave-grace" : $"presence.limits.{limit}");
}
