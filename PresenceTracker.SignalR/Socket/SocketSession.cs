using PresenceTracker.Errors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Subscriptions;

namespace PresenceTracker.SignalR.Socket;

/// <summary>
/// What a client of Phoenix Channels does on one connection: it joins topics, watches them, and is present in them under its keys. Frames are
/// handled one after the other.
/// </summary>
/// <param name="userId">Who has signed in; null if nobody has.</param>
internal sealed class SocketSession(SocketConnection connection, Tracker tracker, string? userId, int topicsMax)
{
    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly Dictionary<string, SocketChannel> _channels = new(StringComparer.Ordinal);

    private Owner Owner => Owner.Connection(_id);

    /// <summary>Until the connection ends. Its presences are listed until their leave grace is over, unless their key comes back before.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await connection.ReceiveAsync() is { } frame)
            {
                await HandleAsync(frame);
            }
        }
        finally
        {
            tracker.ConnectionLost(_id);

            // All at once: one that fails keeps none of the others.
            await Task.WhenAll(_channels.Values.Select(channel => channel.DisposeAsync().AsTask()));
        }
    }

    private async Task HandleAsync(SocketFrame frame)
    {
        if (frame is { Topic: "phoenix", Event: "heartbeat" })
        {
            await ReplyAsync(frame);
            return;
        }

        var channel = _channels.GetValueOrDefault(frame.Topic);
        try
        {
            switch (frame.Event)
            {
                case "phx_join":
                    await JoinAsync(frame, channel);
                    break;
                case "phx_leave" when channel is null:
                    await ReplyAsync(frame);
                    break;
                case var _ when channel is null:
                    throw new SocketRefusedException("unmatched topic");
                case var _ when frame.JoinRef is not null && frame.JoinRef != channel.JoinRef:
                    // Meant for a join that is over.
                    break;
                case "phx_leave":
                    await LeaveAsync(frame, channel);
                    break;
                default:
                    await HandleAsync(frame, channel);
                    break;
            }
        }
        catch (PresenceException refused)
        {
            if (frame.Ref is not null)
            {
                await connection.SendAsync(SocketFrames.Error(connection.Version, frame, refused.Message));
            }
        }
    }

    private async Task HandleAsync(SocketFrame frame, SocketChannel channel)
    {
        var isRealtime = channel.Topic.StartsWith(SocketJoin.RealtimePrefix, StringComparison.Ordinal);
        switch (frame.Event)
        {
            case "presence_update" when !isRealtime:
                await UpdateAsync(channel, SocketJoin.MetaIn(frame.Payload, "meta"));
                await ReplyAsync(frame, channel.Ref);
                break;
            case "presence_leave" when !isRealtime:
                await ReplyAsync(frame, await UntrackAsync(channel) ?? throw NotPresent());
                break;
            case "presence" when isRealtime && SocketJoin.TextIn(frame.Payload, "event") == "track":
                await TrackAsync(channel, SocketJoin.MetaIn(frame.Payload, "payload"));
                await ReplyAsync(frame);
                break;
            case "presence" when isRealtime && SocketJoin.TextIn(frame.Payload, "event") == "untrack":
                await UntrackAsync(channel);
                await ReplyAsync(frame);
                break;
            case "access_token" when isRealtime:
                // Who may connect was decided when the connection began.
                await ReplyAsync(frame);
                break;
            default:
                throw new SocketRefusedException("unmatched event");
        }
    }

    private async Task JoinAsync(SocketFrame frame, SocketChannel? before)
    {
        if (before is null && _channels.Count >= topicsMax)
        {
            throw new SocketRefusedException("too many channels joined");
        }

        var join = SocketJoin.Of(frame.Topic, frame.Payload, userId);
        var channel = new SocketChannel(connection, frame.Topic, frame.JoinRef ?? frame.Ref, join.Key);
        if (before is not null)
        {
            // Nothing of the join before is sent behind the reply to this one. Who comes back under the same key was never away.
            await before.DisposeAsync();
            _channels.Remove(before.Topic);
            if (before.Key == join.Key && join.Meta is not null)
            {
                channel.Ref = before.Ref;
            }
            else
            {
                await UntrackAsync(before);
            }
        }

        var subscription = await EnterAsync(channel, join.Meta);
        _channels[channel.Topic] = channel;
        await connection.SendAsync(SocketFrames.Ok(connection.Version, frame, json =>
        {
            if (channel.Topic.StartsWith(SocketJoin.RealtimePrefix, StringComparison.Ordinal))
            {
                json.WriteStartArray("postgres_changes");
                json.WriteEndArray();
            }
        }));
        if (before is not null)
        {
            await connection.SendAsync(SocketFrames.End(connection.Version, before.JoinRef, before.Topic, "phx_close"));
        }

        channel.Start(subscription);
    }

    /// <summary>Who cannot be told of a topic is not in it either.</summary>
    private async Task<Subscription> EnterAsync(SocketChannel channel, Meta? meta)
    {
        try
        {
            if (meta is not null)
            {
                // In this order the state that the client is sent first has the client itself in it.
                await TrackAsync(channel, meta);
            }

            return await tracker.SubscribeAsync(channel.Topic);
        }
        catch
        {
            await UntrackAsync(channel);
            throw;
        }
    }

    private async Task LeaveAsync(SocketFrame frame, SocketChannel channel)
    {
        // The channel ends first, so that who leaves is not told of it.
        await channel.DisposeAsync();
        _channels.Remove(channel.Topic);
        await UntrackAsync(channel);
        await ReplyAsync(frame);
        await connection.SendAsync(SocketFrames.End(connection.Version, channel.JoinRef, channel.Topic, "phx_close"));
    }

    private async Task TrackAsync(SocketChannel channel, Meta meta) =>
        channel.Ref = (await tracker.TrackOrUpdateAsync(channel.Topic, channel.Key!, Owner, meta)).Ref;

    private async Task UpdateAsync(SocketChannel channel, Meta meta)
    {
        if (channel.Ref is null)
        {
            throw NotPresent();
        }

        var updated = await tracker.UpdateAsync(channel.Topic, channel.Key!, Owner, meta);
        channel.Ref = updated.Status == TrackStatus.NotTracked ? throw NotPresent() : updated.Ref;
    }

    /// <returns>The ref of what has ended; null if there was nothing.</returns>
    private async Task<string?> UntrackAsync(SocketChannel channel)
    {
        var ended = channel.Ref;
        if (ended is not null)
        {
            await tracker.UntrackAsync(channel.Topic, channel.Key!, Owner);
            channel.Ref = null;
        }

        return ended;
    }

    private Task ReplyAsync(SocketFrame frame, string? @ref = null) =>
        frame.Ref is null
            ? Task.CompletedTask
            : connection.SendAsync(SocketFrames.Ok(connection.Version, frame, json =>
            {
                if (@ref is not null)
                {
                    json.WriteString("ref", @ref);
                }
            }));

    private static SocketRefusedException NotPresent() => new("this channel is not present: it joined without a key, or has left");
}
