using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;

namespace PresenceTracker.SignalR.Hubs;

/// <summary>
/// A hub that is ready to be mapped: the methods of <see cref="HubPresence"/> for clients. An application may derive its own from it and add
/// methods, or use <see cref="HubPresence"/> in any hub.
/// </summary>
public class PresenceHub(HubPresence presence) : Hub
{
    /// <summary>Lists the key in the topic while the connection lives, or gives it another meta, and sends the topic's state.</summary>
    /// <param name="key">Null for the id of the authenticated user.</param>
    /// <param name="meta">A JSON object; null is the empty one.</param>
    /// <returns>The ref of the presence.</returns>
    public Task<string> Join(string topic, string? key, JsonElement? meta) => presence.JoinAsync(Context, topic, key, Accepted(meta));

    /// <summary>
    /// Sends the topic's state and its diffs without listing this connection there: the presence that it has in the topic ends. It can join later.
    /// </summary>
    public Task Watch(string topic) => presence.WatchAsync(Context, topic);

    /// <summary>
    /// Sends <c>presence_count(topic, {keys, metas})</c>, how many are in the topic, instead of who, also when it joins later. A presence that this
    /// connection has there goes on.
    /// </summary>
    public Task WatchCount(string topic) => presence.WatchCountAsync(Context, topic);

    /// <summary>Gives this connection's presence in the topic another meta. An equal one changes nothing and tells nobody.</summary>
    /// <returns>The ref of the presence, a new one if another meta has been published; one that comes soon after another waits.</returns>
    public Task<string> Update(string topic, JsonElement? meta) => presence.UpdateAsync(Context, topic, Accepted(meta));

    /// <summary>Ends this connection's presence in the topic at once, and its diffs; or these alone, if it only watches.</summary>
    public Task Leave(string topic) => presence.LeaveAsync(Context, topic);

    /// <summary>The state of a topic, whether this connection has joined it or not.</summary>
    public Task<object> List(string topic) => presence.ListAsync(Context, topic);

    /// <summary>
    /// Sends <c>keys_state(keys)</c>, those that are online in any topic, and then <c>keys_diff({online, offline})</c>. The keys take the place
    /// of those before; none ends it.
    /// </summary>
    public Task SubscribeKeys(IReadOnlyList<string> keys) => presence.SubscribeKeysAsync(Context, keys);

    /// <summary>Which of the keys are online now, in any topic.</summary>
    public Task<IReadOnlyDictionary<string, bool>> IsOnline(IReadOnlyList<string> keys) => presence.IsOnlineAsync(Context, keys);

    internal static Meta MetaOf(JsonElement? meta) =>
        meta is { ValueKind: not JsonValueKind.Null } given ? Metas.Parse(JsonMarshal.GetRawUtf8Value(given)) : Meta.Empty;

    // SignalR hides the message of any other exception from the client.
    private static Meta Accepted(JsonElement? meta)
    {
        try
        {
            return MetaOf(meta);
        }
        catch (InvalidMetaException refused)
        {
            throw new HubException(refused.Message);
        }
    }
}
