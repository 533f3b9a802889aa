using System.Globalization;
using PresenceTracker.Benchmarks.Stores;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.Benchmarks.Scenarios;

/// <summary>The presences that the workloads are made of.</summary>
internal static class Presences
{
    /// <param name="topics">They take turns.</param>
    public static PresenceKey[] Make(int count, int topics, int first = 0) => [.. Enumerable.Range(first, count).Select(i => new PresenceKey(
        TopicOf(i % topics), $"user:{Number(i, "d6")}", $"connection-{Number(i, "d11")}", MetaOf(i)))];

    public static string TopicOf(int topic) => $"room:{Number(topic, "d4")}";

    private static Meta MetaOf(int i) => Meta.TryParse(
        $$"""{"device":"web","status":"online","joined_at":{{Number(1_700_000_000 + i, "d10")}},"name":"user number {{Number(i, "d7")}} of all"}""", out var error) ?? throw new InvalidOperationException(error);

    private static string Number(int value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
