namespace Replay;

/// <summary>A user in a room: the room is the topic, the user is the key.</summary>
internal readonly record struct RoomUser(string Room, string User);
