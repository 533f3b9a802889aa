using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using PresenceTracker.Owners;
using PresenceTracker.SignalR.Http;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Xunit;
using EventStream = PresenceTracker.Tests.Host.Processes.EventStream;

namespace PresenceTracker.Tests.Host;

[Collection(SingleNodeCollection.Name)]
public sealed class EventFramesTests(SingleNode node)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_state_is_encoded_once_for_all_streams_that_begin_with_it(bool withNodes)
    {
        var topic = node.NewTopic();
        await node.Tracker.TrackAsync(topic, "alice", Owner.Lease(TimeSpan.FromHours(1)));
        await using var first = await node.Tracker.SubscribeAsync(topic);
        await using var second = await node.Tracker.SubscribeAsync(topic);

        var frame = EventFrames.State(first.Snapshot, withNodes);

        // The same bytes in the same place, not only equal ones.
        Assert.True(frame.Equals(EventFrames.State(second.Snapshot, withNodes)), "the state was encoded again");
        Assert.Equal(withNodes, Encoding.UTF8.GetString(frame.Span).Contains("phx_node", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_open_stream_keeps_nothing_of_the_state_that_it_began_with()
    {
        const int Versions = 5;
        await using var app = await HubApp.StartAsync();
        var topic = node.NewTopic();
        var streams = new List<EventStream>();
        var begun = new List<(WeakReference View, WeakReference Frame)>();
        for (var version = 0; version < Versions; version++)
        {
            await app.Tracker.TrackAsync(topic, $"user {version}", Owner.Lease(TimeSpan.FromHours(1)));
            streams.Add(await EventStream.OpenAsync(app.Url, topic));
            begun.Add(StateOf(app.Tracker, topic));
        }

        // Then every stream has seen more than it began with.
        await app.Tracker.TrackAsync(topic, "last", Owner.Lease(TimeSpan.FromHours(1)));
        await Task.WhenAll(streams.Select(stream => stream.JoinedAsync("last")));

        await Expect.UntilAsync(
            () => IsCollected(begun), "the states are collected",
            () => $"kept are {begun.Count(state => state.View.IsAlive)} views and {begun.Count(state => state.Frame.IsAlive)} frames of {Versions}");
        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_state_is_not_kept_encoded_for_as_long_as_it_is_that_of_its_topic()
    {
        var topic = node.NewTopic();
        await node.Tracker.TrackAsync(topic, "alice", Owner.Lease(TimeSpan.FromHours(1)));

        var state = StateOf(node.Tracker, topic);

        await Expect.UntilAsync(() => IsCollected([(new WeakReference(null), state.Frame)]), "the bytes are collected");
        Assert.True(state.View.IsAlive, "the node lists another state meanwhile");
    }

    // Not inlined, so that nothing on the stack of the test keeps them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference View, WeakReference Frame) StateOf(Tracker tracker, string topic)
    {
        var view = tracker.List(topic);
        Assert.True(MemoryMarshal.TryGetArray(EventFrames.State(view, withNodes: false), out var frame));
        return (new WeakReference(view), new WeakReference(frame.Array));
    }

    private static bool IsCollected(List<(WeakReference View, WeakReference Frame)> states)
    {
        GC.Collect();
        return states.All(state => !state.View.IsAlive && !state.Frame.IsAlive);
    }
}
