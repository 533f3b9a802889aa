using System.Diagnostics;

namespace PresenceTracker.Tests.Cluster.Processes;

/// <summary>What a node process answers. Its moments are ticks of a clock that all processes of a machine share.</summary>
internal static class NodeReply
{
    /// <summary>Between two moments, whichever processes took them.</summary>
    public static TimeSpan Between(long earlier, long later) => Stopwatch.GetElapsedTime(earlier, later);

    public sealed record Identity(string Address, string Incarnation);

    /// <param name="At">When it was done.</param>
    public sealed record Moment(long At);

    /// <param name="At">When the call was made.</param>
    public sealed record Written(string Status, string? Ref, long At);

    public sealed record Churned(int Changes, TimeSpan Took);

    /// <param name="At">When the subscriber was told.</param>
    public sealed record SeenEvent(string Topic, string Kind, string Key, string Ref, string Reason, long At);

    /// <param name="Faults">Each step at which the folded diffs were not the list, or at the end are not.</param>
    public sealed record Folds(int Diffs, int Events, int Presences, string[] Faults);

    public sealed record ReadyWith(ListDigest Digest, long At);

    public sealed record Listed(string Key, string Owner, string Ref, string Meta, string Node);

    public sealed record SeenNode(string Address, string Incarnation, string State, ulong[] Contexts)
    {
        public override string ToString() => $"{Address}#{Incarnation} {State} [{string.Join(' ', Contexts)}]";
    }

    public sealed record MemoryUse(long HeapBytes, long WorkingSetBytes);

    public sealed record ReadTimes(int Count, TimeSpan Median, TimeSpan Percentile99, TimeSpan Worst);
}
