namespace PresenceTracker.Protocol.Broadcast;

/// <summary>The figures of the broadcast, Plumtree (Leitão, Pereira, Rodrigues, SRDS 2007). Each default names its source.</summary>
public sealed record BroadcastOptions
{
    /// <summary>
    /// The most announcements in one message. With addresses of 255 bytes they are 60 KB, below the limit of 64 KB for any message.
    /// </summary>
    public const int AnnouncementsMax = 200;

    /// <summary>
    /// How long announcements are collected before they go out together. Default 100 ms (our choice; iroh 5 ms, partisan 1 s): at ten
    /// changes a second they begin to share messages, and what an eager link lost is repaired within half a second.
    /// </summary>
    public TimeSpan AnnounceInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long an announced payload may still come by the tree before it is asked for, and how long the answer may take before the next
    /// announcer is asked. Default 100 ms (our choice; iroh 80 and 40 ms): longer than a round trip, else two answer.
    /// </summary>
    public TimeSpan GraftTimeout { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// By how many hops a lazy link must be shorter to replace the eager one. Default 7: the paper, for many senders; with less, senders in
    /// different places pull the tree to and fro (measured with 15 on links of 10 ms: with 3 each payload comes 1.5 times, with 7 1.02 times).
    /// </summary>
    public int OptimizationThreshold { get; init; } = 7;

    /// <summary>Bytes of one payload. Default 60 KB: below the limit of 64 KB for any message, with room for the rest.</summary>
    public int PayloadBytesMax { get; init; } = 60 * 1024;

    /// <summary>
    /// How many payloads are kept for those who ask for them. Default 1,024 (our choice): 10,000 changes a second for as long as a repair is
    /// waited for. What is gone is not repaired here; the digests do it.
    /// </summary>
    public int StoredMax { get; init; } = 1_024;

    /// <summary>Bytes of these payloads together. Default 4 MB (our choice).</summary>
    public int StoredBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long they are kept. Default 10 s (our choice): far more than all announcers of a payload need; iroh 30 s.</summary>
    public TimeSpan StoredFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many origins are known, at 200 bytes each: of each the last <see cref="SequenceWindow.Width"/> broadcasts are told apart. Default 10,000;
    /// beyond, who was heard of longest ago is forgotten, and a late copy of its broadcasts would be delivered once more.
    /// </summary>
    public int OriginsMax { get; init; } = 10_000;

    /// <summary>
    /// How many broadcasts that were announced and have not come are waited for. Default 4,096 (our choice); the announcements of more are
    /// ignored, and the digests repair what they announced.
    /// </summary>
    public int MissingMax { get; init; } = 4_096;

    /// <exception cref="ArgumentOutOfRangeException">Names the first option that is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AnnounceInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(GraftTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(OptimizationThreshold, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PayloadBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StoredMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StoredBytesMax, PayloadBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StoredFor, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(OriginsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MissingMax, 1);
    }
}
