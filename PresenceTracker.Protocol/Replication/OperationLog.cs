using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace PresenceTracker.Protocol.Replication;

/// <summary>
/// The removals of one replica with a sequence in (<see cref="Start"/>, context], without a gap. A node serves deltas only from where its
/// log begins; below that, chunks.
/// </summary>
internal sealed class OperationLog(LogBudget budget)
{
    /// <summary>What one pair takes in memory.</summary>
    public static readonly int BytesPerRemoval = Unsafe.SizeOf<Removal>();

    private readonly List<Removal> _removals = [];

    /// <summary>The log holds every removal with a sequence above this one.</summary>
    public ulong Start { get; private set; }

    public int Count => _removals.Count;

    /// <summary>For how many removals it holds memory, used or not: these the budget counts.</summary>
    public int Capacity => _removals.Capacity;

    public void Append(Removal removal)
    {
        if (Count == Capacity)
        {
            // By a quarter and not twofold: little of what the budget counts is then empty, and an operation costs O(1) all the same.
            SetCapacity(Capacity + Math.Max(1, Capacity / 4));
        }

        _removals.Add(removal);
    }

    /// <summary>Begins anew at a context that was reached otherwise than by a delta.</summary>
    public void RestartAt(ulong context)
    {
        _removals.Clear();
        SetCapacity(0);
        Start = context;
    }

    /// <summary>Forgets the older half, so that trimming costs O(1) per operation.</summary>
    public void DropOlderHalf()
    {
        var drop = (Count + 1) / 2;
        if (drop == 0)
        {
            return;
        }

        Start = _removals[drop - 1].Sequence;
        _removals.RemoveRange(0, drop);
        SetCapacity(Count);
    }

    /// <summary>
    /// The first <paramref name="countMax"/> removals with a sequence in (from, to]; <paramref name="from"/> must not lie below
    /// <see cref="Start"/>.
    /// </summary>
    public ImmutableArray<Removal> Between(ulong from, ulong to, int countMax)
    {
        if (from < Start)
        {
            throw new InvariantViolationException($"a log that begins at {Start} was asked for operations after {from}");
        }

        var first = FirstAfter(from);
        var end = Math.Min(FirstAfter(to), first + countMax);
        return [.. _removals[first..end]];
    }

    private void SetCapacity(int capacity)
    {
        budget.RemovalCapacity += capacity - Capacity;
        _removals.Capacity = capacity;
    }

    private int FirstAfter(ulong sequence)
    {
        var low = 0;
        var high = _removals.Count;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (_removals[middle].Sequence <= sequence)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
