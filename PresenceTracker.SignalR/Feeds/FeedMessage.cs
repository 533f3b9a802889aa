using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Phoenix;
using PresenceTracker.SignalR.Socket;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Feeds;

/// <summary>What is sent to many connections. Encoded once for all that speak the same protocol. Immutable.</summary>
internal sealed class FeedMessage
{
    private const string StateName = "presence_state";

    private readonly Lazy<byte[]> _socketFrameV1;
    private readonly Lazy<byte[]> _socketFrameV2;

    private FeedMessage(string name, string? topic, PresencePayload payload)
    {
        Name = name;
        Topic = topic;
        Payload = payload;
        ForHubs = new SerializedHubMessage(new InvocationMessage(name, topic is null ? [payload] : [topic, payload]));
        _socketFrameV1 = new Lazy<byte[]>(() => SocketFrames.Push(SocketVersion.V1, joinRef: null, this));
        _socketFrameV2 = new Lazy<byte[]>(() => SocketFrames.Push(SocketVersion.V2, joinRef: null, this));
    }

    public string Name { get; }

    /// <summary>Null if it is of no topic.</summary>
    public string? Topic { get; }

    public PresencePayload Payload { get; }

    public bool IsState => Name == StateName;

    public SerializedHubMessage ForHubs { get; }

    /// <param name="fields">By key, what stands beside its metas.</param>
    public static FeedMessage State(TopicView view, IReadOnlyDictionary<string, Meta> fields) =>
        new(StateName, view.Topic, PresencePayload.State(view, fields));

    /// <param name="fields">By key, what stands beside its metas.</param>
    /// <returns>Null if the changes come to nothing.</returns>
    public static FeedMessage? Diff(string topic, IEnumerable<PresenceEvent> changes, IReadOnlyDictionary<string, Meta> fields)
    {
        var diff = new PhoenixDiff(changes);
        return diff.IsEmpty ? null : new FeedMessage("presence_diff", topic, PresencePayload.Diff(diff, fields));
    }

    public static FeedMessage Count(string topic, TopicCount count) => new("presence_count", topic, PresencePayload.Count(count));

    public static FeedMessage KeysState(IEnumerable<string> online) => new("keys_state", null, PresencePayload.Keys(online));

    public static FeedMessage KeysDiff(KeyDiff diff) => new("keys_diff", null, PresencePayload.Keys(diff));

    /// <summary>The frame of no join in particular, which is the same for all.</summary>
    public ReadOnlyMemory<byte> ForSockets(SocketVersion version) => (version == SocketVersion.V1 ? _socketFrameV1 : _socketFrameV2).Value;
}
