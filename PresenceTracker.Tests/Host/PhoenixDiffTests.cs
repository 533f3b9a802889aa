using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.SignalR.Phoenix;
using Xunit;

namespace PresenceTracker.Tests.Host;

/// <summary>Clients apply all joins of a diff and then all leaves; what happened within it must come out the same.</summary>
public sealed class PhoenixDiffTests
{
    private static readonly Presence A1 = Of("a", "1");
    private static readonly Presence A2 = Of("a", "2");
    private static readonly Presence A3 = Of("a", "3");

    [Fact]
    public void What_came_and_went_is_in_neither() =>
        Assert.True(DiffOf(PresenceEvent.Joined(A1), PresenceEvent.Left(A1, LeaveReason.Untracked)).IsEmpty);

    [Fact]
    public void What_went_and_came_back_was_never_gone() =>
        Assert.True(DiffOf(PresenceEvent.Left(A1, LeaveReason.NodeDown), PresenceEvent.Joined(A1)).IsEmpty);

    [Fact]
    public void Updates_in_a_row_are_one_from_the_first_ref_to_the_last()
    {
        var diff = DiffOf(PresenceEvent.Updated(A1, A2), PresenceEvent.Updated(A2, A3));

        Assert.Equal(new PhoenixJoin(A3, "1"), Assert.Single(Assert.Single(diff.Joins)));
        Assert.Same(A1, Assert.Single(Assert.Single(diff.Leaves)));
    }

    [Fact]
    public void An_update_of_what_came_in_the_same_diff_is_a_join()
    {
        var diff = DiffOf(PresenceEvent.Joined(A1), PresenceEvent.Updated(A1, A2));

        Assert.Equal(new PhoenixJoin(A2, null), Assert.Single(Assert.Single(diff.Joins)));
        Assert.Empty(diff.Leaves);
    }

    [Fact]
    public void Presences_of_one_key_are_one_entry()
    {
        var diff = DiffOf(PresenceEvent.Joined(A1), PresenceEvent.Joined(Of("b", "9")), PresenceEvent.Joined(A2));

        Assert.Equal([("a", 2), ("b", 1)], diff.Joins.Select(key => (key.Key, key.Count())));
    }

    private static PhoenixDiff DiffOf(params ImmutableArray<PresenceEvent> events) =>
        new(new TopicDiff(TopicView.Empty("t"), TopicView.Empty("t"), events));

    private static Presence Of(string key, string @ref) => new(
        new ReplicaId(new NodeId("n:1", new Incarnation(1, 1)), 0, 1), 1, new PresenceId("t", key, "lease:http"), @ref, Meta.Empty, TimeSpan.Zero);
}
