using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Enrichment;
using PresenceTracker.SignalR.Http;
using PresenceTracker.SignalR.Hubs;
using PresenceTracker.Tests.SignalR;
using PresenceTracker.Tests.Surface;
using Xunit;
using EventStream = PresenceTracker.Tests.Host.Processes.EventStream;

namespace PresenceTracker.Tests.Host;

[Collection(SingleNodeCollection.Name)]
public sealed class EventFramesTests : IDisposable
{
    private readonly SingleNode _node;
    private readonly EnricherCalls _enricher;
    private readonly EventFrames _frames;

    public EventFramesTests(SingleNode node)
    {
        _node = node;
        _enricher = new EnricherCalls(node.Tracker, Options.Create(new PresenceHubOptions()), NullLogger<EnricherCalls>.Instance);
        _frames = new EventFrames(_enricher);
    }

    public void Dispose() => _enricher.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_state_is_encoded_once_for_all_streams_that_begin_with_it(bool withNodes)
    {
        var topic = _node.NewTopic();
        await _node.Tracker.TrackAsync(topic, "alice", Owner.Lease(TimeSpan.FromHours(1)));
        await using var first = await _node.Tracker.SubscribeAsync(topic);
        await using var second = await _node.Tracker.SubscribeAsync(topic);

        var frame = _frames.StateAsync(first.Snapshot, withNodes);

        Assert.Same(await frame, await _frames.StateAsync(second.Snapshot, withNodes));
        Assert.Equal(withNodes, Encoding.UTF8.GetString(await frame).Contains("phx_node", StringComparison.Ordinal));
        GC.KeepAlive(frame);
    }

    [Fact]
    public async Task An_open_stream_keeps_nothing_of_the_state_that_it_began_with()
    {
        const int Versions = 5;
        await using var app = await HubApp.StartAsync();
        var topic = _node.NewTopic();
        var streams = new List<EventStream>();
        var begun = new List<(WeakReference View, WeakReference Frame)>();
        for (var version = 0; version < Versions; version++)
        {
            await app.Tracker.TrackAsync(topic, $"user {version}", Owner.Lease(TimeSpan.FromHours(1)));
            streams.Add(await EventStream.OpenAsync(app.Url, topic));
            begun.Add(StateOf(app.Services.GetRequiredService<EventFrames>(), app.Tracker.List(topic)));
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
        var topic = _node.NewTopic();
        await _node.Tracker.TrackAsync(topic, "alice", Owner.Lease(TimeSpan.FromHours(1)));

        var state = StateOf(_frames, _node.Tracker.List(topic));

        await Expect.UntilAsync(() => IsCollected([(new WeakReference(null), state.Frame)]), "the bytes are collected");
        Assert.True(state.View.IsAlive, "the node lists another state meanwhile");
    }

    // Not inlined, so that nothing on the stack of the test keeps them.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference View, WeakReference Frame) StateOf(EventFrames frames, TopicView view)
    {
        var frame = frames.StateAsync(view, withNodes: false);
        Assert.True(frame.IsCompletedSuccessfully);
        return (new WeakReference(view), new WeakReference(frame.Result));
    }

    private static bool IsCollected(List<(WeakReference View, WeakReference Frame)> states)
    {
        GC.Collect();
        return states.All(state => !state.View.IsAlive && !state.Frame.IsAlive);
    }
}
