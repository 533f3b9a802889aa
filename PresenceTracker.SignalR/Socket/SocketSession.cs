using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PresenceTracker.Configuration;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Access;
using PresenceTracker.SignalR.Feeds;
using PresenceTracker.SignalR.Hubs;

namespace PresenceTracker.SignalR.Socket;

/// <summary>
/// What a client of Phoenix Channels does on one connection: it joins topics, watches them, and is present in them under its keys. Frames are
/// handled one after the other.
/// </summary>
internal sealed partial class SocketSession : IPresenceClient
{
    private const string Join = "phx_join";

    private readonly SocketConnection _connection;
    private readonly ConnectionPresences _presences;
    private readonly PresenceSettings _settings;
    private readonly int _topicsMax;
    private readonly ILogger<SocketSession> _logger;

    // Read by the feeds too.
    private readonly ConcurrentDictionary<string, SocketChannel> _channels = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Task _closing = Task.CompletedTask;
    private bool _isOver;

    public SocketSession(
        SocketConnection connection, PresenceCaller caller, Tracker tracker, TopicFeeds feeds, IPresenceAuthorizer authorizer,
        IOptions<PresenceHubOptions> options, ILogger<SocketSession> logger, CancellationToken aborted)
    {
        (_connection, _logger, Caller, Aborted) = (connection, logger, caller, aborted);
        _settings = tracker.Settings;
        _topicsMax = options.Value.TopicsMax;
        _presences = new ConnectionPresences(tracker, feeds, authorizer, options.Value, this);
    }

    public PresenceCaller Caller { get; }

    public CancellationToken Aborted { get; }

    /// <summary>Until the connection ends. Its presences are listed until their leave grace is over, unless their key comes back before.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await _connection.ReceiveAsync() is { } frame)
            {
                await HandleAsync(frame);
            }
        }
        finally
        {
            lock (_gate)
            {
                _isOver = true;
            }

            await Task.WhenAll(_presences.CloseAsync(), _closing);
        }
    }

    /// <summary>The node stops, and its clients are to come back, to another one.</summary>
    public void Stop() => Close("the node stops");

    public void Abort() => Close("what changes cannot be told here any more");

    public async ValueTask SendAsync(FeedMessage message) => await _connection.SendAsync(
        message.IsState
            ? SocketFrames.Push(_connection.Version, _channels[message.Topic!].JoinRef, message)
            : message.ForSockets(_connection.Version));

    private void Close(string reason)
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _closing = Task.WhenAll(_closing, _connection.CloseAsync(SocketConnection.ServiceRestart, reason));
            }
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
            await HandleAsync(frame, channel);
        }
        catch (Exception refused) when (refused is PresenceException or ArgumentException)
        {
            await RefuseAsync(frame, refused.Message);
        }
        catch (OperationCanceledException) when (Aborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (Exception fault)
        {
            // For example an authorizer of the application that throws.
            LogFault(fault, frame.Event);
            await RefuseAsync(frame, frame.Event == Join ? "join crashed" : "the node failed");
        }

        if (frame.Event == Join && channel is not null && !_channels.ContainsKey(frame.Topic))
        {
            await SendClosedAsync(channel);
        }
    }

    private async Task HandleAsync(SocketFrame frame, SocketChannel? channel)
    {
        switch (frame.Event)
        {
            case Join:
                await JoinAsync(frame, channel);
                break;
            case "phx_leave" when channel is null:
                await ReplyAsync(frame);
                break;
            case var _ when channel is null:
                throw new PresenceRefusedException("unmatched topic");
            case var _ when frame.JoinRef is not null && frame.JoinRef != channel.JoinRef:
                // Meant for a join that is over.
                break;
            case "phx_leave":
                await LeaveAsync(frame, channel);
                break;
            case "presence_update" when !channel.IsRealtime:
                await ReplyAsync(frame, await _presences.UpdateAsync(channel.Topic, SocketJoin.MetaIn(frame.Payload, "meta")));
                break;
            case "presence_leave" when !channel.IsRealtime:
                await ReplyAsync(frame, await _presences.UntrackAsync(channel.Topic) ?? throw ConnectionPresences.NotPresent());
                break;
            case "presence" when channel.IsRealtime && SocketJoin.TextIn(frame.Payload, "event") == "track":
                await _presences.TrackAsync(channel.Topic, channel.Key!, SocketJoin.MetaIn(frame.Payload, "payload"));
                await ReplyAsync(frame);
                break;
            case "presence" when channel.IsRealtime && SocketJoin.TextIn(frame.Payload, "event") == "untrack":
                await _presences.UntrackAsync(channel.Topic);
                await ReplyAsync(frame);
                break;
            case "access_token" when channel.IsRealtime:
                // Who may connect was decided when the connection began.
                await ReplyAsync(frame);
                break;
            default:
                throw new PresenceRefusedException("unmatched event");
        }
    }

    private async Task JoinAsync(SocketFrame frame, SocketChannel? before)
    {
        try
        {
            await EnterAsync(frame, before);
        }
        catch (Exception refused) when (before is not null && refused is not LimitExceededException { IsTemporary: true })
        {
            // As Phoenix has it, the join before is over though this one is refused: the client takes itself to be in neither. Of one that only comes
            // too fast, for which Phoenix has no rule, the client tries again, and nobody else is to see it go and come.
            _channels.TryRemove(before.Topic, out _);
            await _presences.LeaveIfJoinedAsync(before.Topic);
            throw;
        }
    }

    private async Task EnterAsync(SocketFrame frame, SocketChannel? before)
    {
        if (before is null && _channels.Count >= _topicsMax)
        {
            throw new PresenceRefusedException("too many channels joined");
        }

        var join = SocketJoin.Of(frame.Topic, frame.Payload, Caller.UserId);
        if (join.Key is not null)
        {
            // Also of who tracks later, so that it is told when it names the key.
            _settings.CheckKey(join.Key);
        }

        var channel = new SocketChannel(frame.Topic, frame.JoinRef ?? frame.Ref, join.Key);
        await _presences.ReplaceAsync(channel.Topic, join.Meta is null ? null : join.Key, join.Meta ?? Meta.Empty, async () =>
        {
            // Nothing of the join before is sent behind the reply to this one.
            _channels[channel.Topic] = channel;
            await _connection.SendAsync(SocketFrames.Ok(_connection.Version, frame, json =>
            {
                if (channel.IsRealtime)
                {
                    json.WriteStartArray("postgres_changes");
                    json.WriteEndArray();
                }
            }));
            if (before is not null)
            {
                await SendClosedAsync(before);
            }
        });
    }

    private async Task LeaveAsync(SocketFrame frame, SocketChannel channel)
    {
        await _presences.LeaveAsync(channel.Topic);
        _channels.TryRemove(channel.Topic, out _);
        await ReplyAsync(frame);
        await SendClosedAsync(channel);
    }

    private Task SendClosedAsync(SocketChannel channel) =>
        _connection.SendAsync(SocketFrames.Closed(_connection.Version, channel.JoinRef, channel.Topic));

    private Task ReplyAsync(SocketFrame frame, string? @ref = null) =>
        frame.Ref is null
            ? Task.CompletedTask
            : _connection.SendAsync(SocketFrames.Ok(_connection.Version, frame, json =>
            {
                if (@ref is not null)
                {
                    json.WriteString("ref", @ref);
                }
            }));

    private Task RefuseAsync(SocketFrame frame, string reason) =>
        frame.Ref is null ? Task.CompletedTask : _connection.SendAsync(SocketFrames.Error(_connection.Version, frame, reason));

    [LoggerMessage(LogLevel.Error, "A client of the socket was refused {Event}, because the node failed")]
    private partial void LogFault(Exception fault, string @event);
}
