using CsCheck;
using PresenceTracker.Protocol;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using Xunit;

namespace PresenceTracker.Tests.Presences;

public sealed class KeyPresencesTests
{
    private const string Topic = "room:1";
    private const string Key = "alice";

    /// <summary>Which of 40 presences comes, or goes if it is there: so the sizes go up and down over the one at which an array becomes a tree.</summary>
    private static readonly Gen<int[]> Toggles = Gen.Int[0, 39].Array[0, 200];

    [Fact]
    public void Whatever_comes_and_goes_the_view_lists_it_by_node_and_age() => Toggles.Sample(
        toggles =>
        {
            // Two nodes, of which the later numbers are the earlier in the order of the list.
            var all = Enumerable.Range(0, 40).Select(number => Made(node: 1 - (number % 2), dot: 1 + (ulong)(40 - number))).ToArray();
            var view = TopicView.Empty(Topic);
            var expected = new List<Presence>();
            foreach (var presence in toggles.Select(number => all[number]))
            {
                var before = view;
                var listed = view.GetByKey(Key).ToList();
                if (expected.Remove(presence))
                {
                    view = view.Without(presence, view.Version + 1);
                }
                else
                {
                    view = view.With(presence, view.Version + 1);
                    expected.Add(presence);
                }

                var inOrder = expected.OrderBy(p => p.Replica).ThenBy(p => p.Dot).ToList();
                Assert.Equal(inOrder, view);
                Assert.Equal(inOrder, view.GetByKey(Key));
                Assert.Equal(inOrder, Enumerable.Range(0, view.GetByKey(Key).Count).Select(index => view.GetByKey(Key)[index]));
                Assert.Equal((inOrder.Count, Math.Min(inOrder.Count, 1)), (view.MetaCount, view.KeyCount));
                Assert.Equal(listed, before.GetByKey(Key));
            }
        },
        iter: 500);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    public void What_is_not_listed_cannot_leave(int others)
    {
        var view = TopicView.Empty(Topic);
        for (var dot = 1; dot <= others; dot++)
        {
            view = view.With(Made(node: 0, (ulong)dot), view.Version + 1);
        }

        Assert.Throws<InvariantViolationException>(() => view.Without(Made(node: 1, 1), view.Version + 1));

        // Nor can one that only has its place.
        Assert.Throws<InvariantViolationException>(() => view.Without(Made(node: 0, 1), view.Version + 1));
    }

    private static Presence Made(int node, ulong dot) => new(
        new ReplicaId(new NodeId($"node{node}:1", new Incarnation(1, 1)), 0, 0), dot, new PresenceId(Topic, Key, $"test:{node}-{dot}"),
        $"{node}-{dot}", Meta.Empty, TimeSpan.Zero);
}
