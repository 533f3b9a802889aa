using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Simulator;

/// <summary>By topic, key and owner, each ordinal.</summary>
internal sealed class PresenceIdOrder : IComparer<PresenceId>
{
    public static readonly PresenceIdOrder Instance = new();

    public int Compare(PresenceId x, PresenceId y)
    {
        var byTopic = string.CompareOrdinal(x.Topic, y.Topic);
        if (byTopic != 0)
        {
            return byTopic;
        }

        var byKey = string.CompareOrdinal(x.Key, y.Key);
        return byKey != 0 ? byKey : string.CompareOrdinal(x.Owner, y.Owner);
    }
}
