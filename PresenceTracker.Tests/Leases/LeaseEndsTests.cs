using CsCheck;
using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Leases;

/// <summary>
/// What was ended stays ended, also with holders that could not hear of it; and what is renewed afterwards stays. The random test prints the
/// seed of a failure; <c>CsCheck_Seed=... dotnet test --filter LeaseEndsTests</c> replays it.
/// </summary>
public sealed class LeaseEndsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan UntilDown = TimeSpan.FromSeconds(9);

    // Longer than a request and its answer are under way.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly LeaseWorld _world = new(seed: 1, nodes: 3);

    private LeaseNode A => _world.Nodes[0];

    private LeaseNode B => _world.Nodes[1];

    private LeaseNode C => _world.Nodes[2];

    [Theory]
    [InlineData(true, TrackStatus.Untracked)]
    [InlineData(false, TrackStatus.NotTracked)]
    public void What_was_ended_while_its_old_holder_was_down_does_not_come_back_with_it(bool isTakenOver, TrackStatus expected)
    {
        BeginAndCutOffA();
        if (isTakenOver)
        {
            B.Renew();
            _world.Run(Moment);
        }

        C.End(status => Assert.Equal(expected, status));
        _world.Run(Moment);
        _world.Heal();
        _world.Run(3 * Second);

        AllListNothing();
    }

    [Fact]
    public void An_end_through_a_holder_that_does_not_know_of_the_next_one_ends_that_too()
    {
        BeginAndCutOffA();
        B.Renew();
        _world.Run(Moment);
        A.End(status => Assert.Equal(TrackStatus.Untracked, status));
        _world.Heal();
        _world.Run(3 * Second);

        AllListNothing();
    }

    [Fact]
    public void What_the_old_holder_renews_after_the_end_stays()
    {
        BeginAndCutOffA();
        C.End();
        _world.Run(TimeSpan.FromMilliseconds(1));
        A.Renew(status => Assert.Equal(TrackStatus.AlreadyTracked, status));
        _world.Run(Moment);
        _world.Heal();
        _world.Run(3 * Second);

        OnlyHolderIs(A);
    }

    [Fact]
    public void What_the_old_holder_renewed_before_the_end_does_not()
    {
        BeginAndCutOffA();
        A.Renew();
        _world.Run(Pause);
        C.End();
        _world.Run(Moment);
        _world.Heal();
        _world.Run(3 * Second);

        AllListNothing();
    }

    [Fact]
    public void What_is_tracked_anew_right_after_the_end_stays()
    {
        Begin();
        B.End(status =>
        {
            Assert.Equal(TrackStatus.Untracked, status);
            C.Renew();
        });
        _world.Run(3 * Second);

        OnlyHolderIs(C);
    }

    [Fact]
    public void A_crash_of_the_shard_counts_as_a_renewal_for_nobody_knows_of_the_last()
    {
        BeginAndCutOffA();
        C.End();
        A.Crash();
        _world.Heal();
        _world.Run(3 * Second);

        OnlyHolderIs(A);
    }

    [Fact]
    public void After_cuts_without_crashes_no_lease_is_listed_that_was_ended_last_and_one_that_is_kept_is_listed_once() =>
        Gen.ULong.Sample(KeepOrEnd, iter: Math.Max(1_000, Check.Iter));

    private static void KeepOrEnd(ulong seed)
    {
        var world = new LeaseWorld(seed, nodes: 3 + (int)(seed % 3));
        bool? isKept = false;
        while (world.Now.Ticks < LeaseWorld.Duration.Ticks * 2 / 3)
        {
            var node = world.Nodes[world.Random(world.Nodes.Count)];
            switch (world.Random(8))
            {
                case 0 or 1:
                    world.CutOff(node);
                    break;
                case 2:
                    world.Heal();
                    break;
                case 3 or 4 or 5:
                    node.Renew(_ => isKept = true);
                    world.Run(Second + Pause);
                    break;
                default:
                    // An end that nobody could acknowledge may have had its effect in part.
                    isKept = EndThroughSome(world) ? false : null;
                    break;
            }

            world.Run(Pause + TimeSpan.FromMilliseconds(world.Random(4) == 0 ? world.Random(9_000) : 0));
        }

        // Shorter than a lease since the first step, so that none has run out. Tracked on both sides of a cut, the older may count as the newer.
        world.Heal();
        world.Run(5 * Second);
        if (isKept == true)
        {
            world.Nodes[0].Renew();
            world.Run(5 * Second);
        }

        var listed = world.Nodes.Select(node => string.Join(", ", node.Listed.Select(presence => presence.Ref))).Distinct().ToList();
        Assert.True(
            listed.Count == 1 && (isKept is null || world.Nodes[0].Listed.Count == (isKept.Value ? 1 : 0)), $"{(isKept == true ? "kept" : "ended")}, but {world}");
    }

    /// <summary>Asks one node after the other, as a backend does that is told that the holder has not answered.</summary>
    private static bool EndThroughSome(LeaseWorld world)
    {
        foreach (var node in world.Nodes)
        {
            TrackStatus? ended = null;
            node.End(status => ended = status);
            world.Run(Second + Pause);
            if (ended is TrackStatus.Untracked or TrackStatus.NotTracked)
            {
                return true;
            }
        }

        return false;
    }

    private void Begin()
    {
        A.Renew();
        _world.Run(Moment);
        OnlyHolderIs(A);
        _world.Nodes.ForEach(node => node.Told.Clear());
    }

    private void BeginAndCutOffA()
    {
        Begin();
        _world.CutOff(A);
        _world.Run(UntilDown);
        Assert.Empty(C.Listed);
    }

    private void AllListNothing() => Assert.All(_world.Nodes, node => Assert.Empty(node.Listed));

    private void OnlyHolderIs(LeaseNode holder) => Assert.All(_world.Nodes, node => Assert.Equal(holder.Id, Assert.Single(node.Listed).Node));
}
