using System.Globalization;
using System.IO.Compression;

namespace Replay;

/// <summary>The joins, leaves and renames of 4,265 people in seven public chat rooms during 2014, under pseudonyms.</summary>
internal static class Trace
{
    public const int MinutesPerDay = 24 * 60;

    public static IReadOnlyList<string> Rooms { get; } = [.. Enumerable.Range(0, 7).Select(room => $"room{room:00}")];

    public static DateTime DateOf(int minute) => new DateTime(2014, 1, 1).AddMinutes(minute);

    /// <summary>In order. Each event is the changes of one line: one, or for a rename two.</summary>
    public static IEnumerable<IReadOnlyList<Change>> Events(int days)
    {
        using var resource = typeof(Trace).Assembly.GetManifestResourceStream("rooms-2014.tsv.gz")!;
        using var unpacked = new GZipStream(resource, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        reader.ReadLine();
        while (reader.ReadLine()?.Split('\t') is [var time, var room, var action, var user, var newUser])
        {
            var minute = int.Parse(time, CultureInfo.InvariantCulture);
            if (minute >= days * MinutesPerDay)
            {
                yield break;
            }

            var who = new RoomUser(room, user);
            yield return action switch
            {
                "join" => [new Change(minute, who, IsJoin: true)],
                "leave" => [new Change(minute, who, IsJoin: false)],
                "rename" => [new Change(minute, who, IsJoin: false), new Change(minute, new RoomUser(room, newUser), IsJoin: true)],
                _ => throw new InvalidDataException($"{action} is no action of a room"),
            };
        }
    }
}
