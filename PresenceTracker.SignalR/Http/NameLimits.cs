using System.Globalization;
using System.Text;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Http;

/// <summary>
/// Refuses what nothing can be tracked under before the tracker is asked: a read's empty answer would hide the mistake, and one bad line
/// would have a whole batch refused.
/// </summary>
internal static class NameLimits
{
    /// <exception cref="LimitExceededException">The topic is too long.</exception>
    public static string Topic(string topic, PresenceSettings settings) => Checked("topic", topic, settings.TopicBytesMax);

    /// <exception cref="LimitExceededException">The key is too long.</exception>
    public static string Key(string key, PresenceSettings settings) => Checked("key", key, settings.KeyBytesMax);

    /// <exception cref="LimitExceededException">The meta is too long.</exception>
    public static Meta Meta(Meta meta, PresenceSettings settings) => meta.Utf8.Length <= settings.MetaBytesMax
        ? meta
        : throw Exceeded("meta", meta.Utf8.Length, $"at most {settings.MetaBytesMax} bytes");

    private static string Checked(string limit, string name, int bytesMax)
    {
        var length = Encoding.UTF8.GetByteCount(name);
        return length >= 1 && length <= bytesMax ? name : throw Exceeded(limit, length, $"1 to {bytesMax} bytes");
    }

    private static LimitExceededException Exceeded(string limit, int length, string allowed) =>
        new(limit, string.Create(CultureInfo.InvariantCulture, $"{length} bytes"), allowed, $"presence.limits.{limit}");
}
