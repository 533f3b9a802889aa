namespace PresenceTracker.Protocol.Broadcast;

/// <summary>
/// Which sequences of one origin have come: a bit for each of the last <see cref="Width"/>, as in the anti-replay window of IPsec (RFC 4303 §3.4.3). What
/// is further behind the highest counts as having come. So however much comes, it takes the same memory.
/// </summary>
internal sealed class SequenceWindow
{
    /// <summary>Twice as many as one node with eight shards can flush while a repair takes half a second.</summary>
    public const int Width = 1_024;

    private const int BitsPerWord = 64;

    private readonly ulong[] _bits = new ulong[Width / BitsPerWord];
    private ulong _highest;

    public bool Contains(ulong sequence) => sequence <= _highest && (_highest - sequence >= Width || (Word(sequence) & Bit(sequence)) != 0);

    public void Add(ulong sequence)
    {
        if (sequence > _highest)
        {
            Advance(sequence);
        }

        if (_highest - sequence < Width)
        {
            Word(sequence) |= Bit(sequence);
        }
    }

    private static ulong Bit(ulong sequence) => 1UL << (int)(sequence % BitsPerWord);

    private ref ulong Word(ulong sequence) => ref _bits[sequence % Width / BitsPerWord];

    private void Advance(ulong highest)
    {
        if (highest - _highest >= Width)
        {
            Array.Clear(_bits);
        }
        else
        {
            for (var skipped = _highest + 1; skipped < highest; skipped++)
            {
                Word(skipped) &= ~Bit(skipped);
            }

            Word(highest) &= ~Bit(highest);
        }

        _highest = highest;
    }
}
