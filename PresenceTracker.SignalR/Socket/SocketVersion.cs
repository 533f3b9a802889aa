namespace PresenceTracker.SignalR.Socket;

/// <summary>How frames are written: Phoenix's serializers, chosen by the query's <c>vsn</c>.</summary>
internal enum SocketVersion
{
    /// <summary><c>{"topic","event","payload","ref"}</c></summary>
    V1,

    /// <summary><c>[join_ref, ref, topic, event, payload]</c></summary>
    V2,
}
