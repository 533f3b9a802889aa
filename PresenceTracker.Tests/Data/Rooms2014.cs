using System.IO.Compression;

namespace PresenceTracker.Tests.Data;

/// <summary>The joins, leaves and renames of 4,265 people in seven public chat rooms during 2014, under pseudonyms.</summary>
internal static class Rooms2014
{
    public static IReadOnlyList<string> Rooms { get; } = [.. Enumerable.Range(0, 7).Select(room => $"room{room:00}")];

    /// <summary>In order.</summary>
    public static IEnumerable<RoomEvent> Events()
    {
        using var resource = typeof(Rooms2014).Assembly.GetManifestResourceStream("rooms-2014.tsv.gz")!;
        using var unpacked = new GZipStream(resource, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            yield return RoomEvent.Parse(line.Split('\t'));
        }
    }

    /// <summary>The events of each day together.</summary>
    public static IEnumerable<List<RoomEvent>> Days()
    {
        List<RoomEvent> day = [];
        foreach (var e in Events())
        {
            if (day.Count > 0 && day[0].Day != e.Day)
            {
                yield return day;
                day = [];
            }

            day.Add(e);
        }

        yield return day;
    }
}
