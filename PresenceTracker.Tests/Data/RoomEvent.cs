using System.Globalization;

namespace PresenceTracker.Tests.Data;

/// <summary>One line of the trace.</summary>
/// <param name="Day">Of the year, from 0.</param>
/// <param name="Left">Who is in the room no more, whether or not they were; null for nobody.</param>
/// <param name="Joined">Who is in the room now, whether or not they were; null for nobody.</param>
internal sealed record RoomEvent(int Day, string Room, string? Left, string? Joined)
{
    private const int MinutesPerDay = 24 * 60;

    public static RoomEvent Parse(string[] fields)
    {
        var day = int.Parse(fields[0], CultureInfo.InvariantCulture) / MinutesPerDay;
        return fields[2] switch
        {
            "join" => new RoomEvent(day, fields[1], Left: null, Joined: fields[3]),
            "leave" => new RoomEvent(day, fields[1], Left: fields[3], Joined: null),
            "rename" => new RoomEvent(day, fields[1], Left: fields[3], Joined: fields[4]),
            var other => throw new InvalidDataException($"{other} is no action of a room"),
        };
    }
}
