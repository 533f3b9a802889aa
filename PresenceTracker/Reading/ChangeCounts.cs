using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Reading;

/// <summary>How many joins, updates and leaves a shard has published: counted by the shard alone, read by any thread.</summary>
internal sealed class ChangeCounts
{
    private readonly long[] _left = new long[Enum.GetValues<LeaveReason>().Length];
    private long _joined;
    private long _updated;

    public long Joined => Volatile.Read(ref _joined);

    public long Updated => Volatile.Read(ref _updated);

    public long Left(LeaveReason reason) => Volatile.Read(ref _left[(int)reason]);

    public void Count(PresenceEvent change)
    {
        ref var count = ref _joined;
        switch (change.Kind)
        {
            case PresenceEventKind.Updated:
                count = ref _updated;
                break;
            case PresenceEventKind.Left:
                count = ref _left[(int)change.Reason];
                break;
            default:
                break;
        }

        Volatile.Write(ref count, count + 1);
    }
}
