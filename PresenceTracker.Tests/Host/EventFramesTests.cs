using System.Text;
using PresenceTracker.Owners;
using PresenceTracker.SignalR.Http;
using PresenceTracker.Tests.Surface;
using Xunit;

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
}
