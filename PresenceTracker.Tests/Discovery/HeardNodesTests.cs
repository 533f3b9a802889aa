using Microsoft.Extensions.Time.Testing;
using PresenceTracker.Discovery;
using Xunit;

namespace PresenceTracker.Tests.Discovery;

public sealed class HeardNodesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly HeardNodes _heard;

    public HeardNodesTests() => _heard = new HeardNodes(countMax: 2, TimeSpan.FromMinutes(3), _clock);

    [Fact]
    public void What_is_not_heard_of_again_is_forgotten()
    {
        Assert.True(_heard.Hear("b:1"));
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.True(_heard.Hear("a:1"));
        Assert.Equal(["a:1", "b:1"], _heard.Take().AsEnumerable());

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["a:1"], _heard.Take().AsEnumerable());

        Assert.False(_heard.Hear("a:1"));
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["a:1"], _heard.Take().AsEnumerable());
    }

    [Fact]
    public void More_than_there_is_room_for_is_not_remembered_until_others_are_forgotten()
    {
        _heard.Hear("a:1");
        _clock.Advance(TimeSpan.FromMinutes(2));
        _heard.Hear("b:1");

        Assert.Null(_heard.Hear("c:1"));
        Assert.False(_heard.Hear("b:1"));
        Assert.Equal(["a:1", "b:1"], _heard.Take().AsEnumerable());

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["b:1"], _heard.Take().AsEnumerable());
        Assert.True(_heard.Hear("c:1"));
    }
}
