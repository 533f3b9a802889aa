using System.Diagnostics;
using System.Text.Json;
using PresenceTracker.Owners;
using PresenceTracker.Tests.Sockets;
using PresenceTracker.Tests.Surface;
using Xunit;

namespace PresenceTracker.Tests.SignalR;

/// <summary>
/// What others are told of a page that is reloaded and of a tab that is closed: clients of the hub and of the socket in the room, and friends
/// lists, on both nodes.
/// </summary>
public sealed class PageReloadTests(GraceNodes nodes) : IClassFixture<GraceNodes>, IAsyncLifetime
{
    // Of the hub, of the socket, and with friends.
    private const int WatchersOfANode = 3;

    private readonly string _room = nodes.NewTopic();
    private readonly Owner _owner = Owner.Lease(TimeSpan.FromHours(1));
    private readonly List<HubClient> _hubClients = [];
    private readonly List<HubClient> _friends = [];
    private readonly List<SocketClient> _sockets = [];

    // Friends lists are over all rooms.
    private string Alice => $"alice of {_room}";

    private string Last => $"last of {_room}";

    public async Task InitializeAsync()
    {
        foreach (var node in new[] { nodes.Long, nodes.Short })
        {
            // Present before they watch, so that they are told of nobody but her.
            _hubClients.Add(await HubClient.ConnectAsync(node));
            _sockets.Add(await SocketClient.ConnectAsync(node.Url));
            _friends.Add(await HubClient.ConnectAsync(node));
        }

        await nodes.Long.Tracker.TrackAsync(_room, "first", _owner);
        await Expect.UntilAsync(() => nodes.Short.Tracker.List(_room).Contains("first"), "both nodes list the first");
        await _hubClients[0].JoinedAsync(_room, "watcher");
        await Expect.UntilAsync(() => nodes.Short.Tracker.List(_room).Contains("watcher"), "both nodes list who watches");
        await _hubClients[1].CallAsync("Join", _room, "watcher", null);
        await _hubClients[1].NextAsync();
        Assert.Equal(["watcher"], (await _hubClients[0].NextDiffAsync()).Joins);
        foreach (var socket in _sockets)
        {
            await socket.SendAsync($$"""["1","1","{{_room}}","phx_join",{}]""");
            Assert.Contains("phx_reply", await socket.ReadAsync(), StringComparison.Ordinal);
            Assert.Contains("presence_state", await socket.ReadAsync(), StringComparison.Ordinal);
        }

        foreach (var friend in _friends)
        {
            await friend.CallAsync("SubscribeKeys", (object)new[] { Alice, Last });
            Assert.Equal("[]", (await friend.NextAsync()).Data.GetRawText());
        }
    }

    public async Task DisposeAsync()
    {
        _sockets.ForEach(socket => socket.Dispose());
        foreach (var client in _hubClients.Concat(_friends))
        {
            await client.DisposeAsync();
        }

        await nodes.Long.Tracker.UntrackAsync(_owner);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Of_a_page_that_is_reloaded_the_new_meta_joins_and_the_old_one_leaves_and_nothing_else_is_told(bool isSocket, bool isElsewhere)
    {
        var first = await OpenTabAsync(nodes.Long, isSocket);
        var before = Assert.Single(nodes.Long.Tracker.GetByKey(_room, Alice)).Ref;
        await SeenByAllAsync([before], []);
        await CameAsync(Alice);

        await first.DisposeAsync();

        // Or the node would be told of a broken connection of somebody who is there already, which is held for the whole grace.
        await nodes.KnowsWhatBrokeAsync(connectionsLeft: WatchersOfANode);
        await using var second = await OpenTabAsync(isElsewhere ? nodes.Short : nodes.Long, isSocket);

        foreach (var next in Watchers())
        {
            // The node may see the new one at once and the end of the old one later; never the other way round.
            var message = await next();
            var (joined, left) = (message.JoinedRefs.ToList(), message.LeftRefs.ToList());
            Assert.Equal([Alice], joined.Select(meta => meta.Key));
            Assert.NotEqual(before, joined[0].Ref);
            left.AddRange(left.Count == 0 ? (await AssertNoJoins(next)).LeftRefs : []);
            Assert.Equal([(Alice, before)], left);
        }

        await NothingElseAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_tab_that_is_closed_one_leave_is_told_when_the_grace_is_over_and_nothing_else(bool isSocket)
    {
        var tab = await OpenTabAsync(nodes.Short, isSocket);
        var meta = Assert.Single(nodes.Short.Tracker.GetByKey(_room, Alice)).Ref;
        await SeenByAllAsync([meta], []);
        await CameAsync(Alice);

        var closed = Stopwatch.GetTimestamp();
        await tab.DisposeAsync();

        await SeenByAllAsync([], [meta]);
        var held = Stopwatch.GetElapsedTime(closed);
        Assert.True(held >= GraceNodes.ShortGrace, $"it was held for {held}");
        foreach (var friend in _friends)
        {
            Assert.Equal($$"""{"online":[],"offline":["{{Alice}}"]}""", (await friend.NextAsync()).Data.GetRawText());
        }

        await NothingElseAsync();
    }

    private static async Task<HubMessage> AssertNoJoins(Func<Task<HubMessage>> next)
    {
        var message = await next();
        Assert.Empty(message.Joins);
        return message;
    }

    private async Task<IAsyncDisposable> OpenTabAsync(HubApp node, bool isSocket)
    {
        if (isSocket)
        {
            var socket = await SocketClient.ConnectAsync(node.Url);
            await socket.SendAsync($$"""["1","1","{{_room}}","phx_join",{"key":"{{Alice}}"}]""");
            Assert.Contains("\"status\":\"ok\"", await socket.ReadAsync(), StringComparison.Ordinal);
            return new SocketTab(socket);
        }

        var client = await HubClient.ConnectAsync(node);
        await client.JoinAsync(_room, Alice);
        return client;
    }

    /// <summary>The next message of each who is in the room, on both nodes and by both ways.</summary>
    private IEnumerable<Func<Task<HubMessage>>> Watchers() =>
    [
        .. _hubClients.Select(client => new Func<Task<HubMessage>>(client.NextAsync)),
        .. _sockets.Select(socket => new Func<Task<HubMessage>>(async () =>
        {
            var frame = JsonDocument.Parse((await socket.ReadRawAsync())!).RootElement;
            return new HubMessage(frame[3].GetString()!, frame[2].GetString()!, frame[4]);
        })),
    ];

    /// <summary>The next that each is told is this, of Alice.</summary>
    private async Task SeenByAllAsync(string[] joined, string[] left)
    {
        foreach (var next in Watchers())
        {
            var message = await next();
            Assert.Equal(joined.Select(meta => (Alice, meta)), message.JoinedRefs);
            Assert.Equal(left.Select(meta => (Alice, meta)), message.LeftRefs);
        }
    }

    private async Task CameAsync(string key)
    {
        foreach (var friend in _friends)
        {
            Assert.Equal($$"""{"online":["{{key}}"],"offline":[]}""", (await friend.NextAsync()).Data.GetRawText());
        }
    }

    /// <summary>The next that each is told is what happens now.</summary>
    private async Task NothingElseAsync()
    {
        await nodes.Long.Tracker.TrackAsync(_room, Last, _owner);
        foreach (var next in Watchers())
        {
            var message = await next();
            Assert.Equal([Last], message.Joins);
            Assert.Empty(message.Leaves);
        }

        await CameAsync(Last);
    }

    /// <summary>Disposing it breaks the connection off.</summary>
    private sealed class SocketTab(SocketClient socket) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
