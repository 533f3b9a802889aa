using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>What some topics list, in a form that is cheap to compare between processes: equal lists have equal digests.</summary>
internal sealed record ListDigest(int Presences, ulong Hash)
{
    public static ListDigest Of(Tracker tracker, IEnumerable<string> topics) => Of(topics.SelectMany(topic => tracker.List(topic)));

    public static ListDigest Of(IEnumerable<Presence> presences)
    {
        var count = 0;
        var hash = 0UL;
        foreach (var presence in presences)
        {
            count++;
            hash += StableHash.Of($"{presence.Topic}\n{presence.Key}\n{presence.Owner}\n{presence.Ref}\n{presence.Meta}");
        }

        return new ListDigest(count, hash);
    }

    public override string ToString() => $"{Presences} presences ({Hash:x16})";
}
