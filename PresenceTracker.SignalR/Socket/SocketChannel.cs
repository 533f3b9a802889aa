namespace PresenceTracker.SignalR.Socket;

/// <summary>A topic that a client of Phoenix Channels has joined.</summary>
/// <param name="JoinRef">Names the join in its frames.</param>
/// <param name="Key">Under which it is present, or can be; null if it only watches.</param>
internal sealed record SocketChannel(string Topic, string? JoinRef, string? Key)
{
    public bool IsRealtime => Topic.StartsWith(SocketJoin.RealtimePrefix, StringComparison.Ordinal);
}
