using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.SignalR.Http;

/// <summary>What came of the lines of a body.</summary>
internal sealed class BulkOutcome
{
    private const int ErrorsMax = 10;

    private readonly List<LineError> _errors = [];

    public int Tracked { get; private set; }

    public int Updated { get; private set; }

    /// <summary>Listed already with the same meta; the lease was renewed.</summary>
    public int Unchanged { get; private set; }

    public int Failed { get; private set; }

    /// <summary>The first ten.</summary>
    public IReadOnlyList<LineError> Errors => _errors;

    internal int Taken => Tracked + Updated + Unchanged;

    public void Add(TrackStatus status)
    {
        switch (status)
        {
            case TrackStatus.Tracked:
                Tracked++;
                break;
            case TrackStatus.Updated:
                Updated++;
                break;
            default:
                Unchanged++;
                break;
        }
    }

    public void Fail(int line, string error)
    {
        Failed++;
        if (_errors.Count < ErrorsMax)
        {
            _errors.Add(new LineError(line, error));
        }
    }
}
