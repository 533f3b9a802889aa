namespace Replay;

/// <summary>One user comes into a room, or goes.</summary>
/// <param name="Minute">Of the year, from 0.</param>
internal readonly record struct Change(int Minute, RoomUser Who, bool IsJoin);
