using System.Text.Json.Nodes;
using Xunit;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>The rules by which a run with random faults is judged find what is wrong, and forgive what was done to the Hosts.</summary>
public sealed class HistoryRulesTests
{
    private const string Topic = "room";
    private static readonly string[] Hosts = ["a:1", "b:1", "c:1"];
    private static readonly TimeSpan End = At(100);

    private readonly History _history = new();

    [Fact]
    public void A_key_that_is_kept_and_not_listed_is_lost()
    {
        Keep("alice", 1, At(10), through: 0);
        Watch(host: 1).Joins(10, "alice", 1).Leaves(15, "alice", 1).Joins(20, "alice", 1);

        Assert.Contains("alice is lost on Host 1 for 15.00–20.00", Assert.Single(LostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    public void A_key_may_be_gone_for_less_than_a_second_only_where_it_goes_from_one_holder_to_another(int next, bool isExcused)
    {
        Keep("alice", 1, At(10), through: 0);
        Watch(host: 1).Joins(10, "alice", 1).Leaves(15, "alice", 1).Joins(15.5, "alice", 2, holder: next);

        Assert.Equal(isExcused ? 0 : 1, LostRule.Judge(_history, End).Breaches.Count);
    }

    [Fact]
    public void So_is_one_that_a_Host_never_lists()
    {
        Keep("alice", 1, At(10), through: 0);
        Watch(host: 1).Joins(10, "alice", 1);
        Watch(host: 2);

        Assert.Contains("lost on Host 2 for 12.", Assert.Single(LostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void What_happens_later_is_no_excuse()
    {
        Keep("alice", 1, At(10), through: 0);
        Write("alice", null, At(20), through: 0, isAcknowledged: true);
        Watch(host: 1).Joins(30, "alice", 1).Leaves(32, "alice", 1);
        _history.Add(new Disturbance(HostFaultKind.Pause, 1, null, new Span(At(50), At(60))));

        Assert.Contains("for 12.00–20.00", Assert.Single(LostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
        Assert.Contains("for 30.00–32.00", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_may_leave_when_its_end_was_asked_for_or_nobody_renews_it()
    {
        Keep("alice", 1, At(10), through: 0);
        Write("alice", null, At(15), through: 0, isAcknowledged: false);
        Keep("bob", 2, At(10), through: 0);
        Keep("carol", 3, At(10), through: 0);
        Keep("carol", 3, At(15), through: 0);
        Write("carol", null, At(15.5), through: 0, isAcknowledged: true);
        Watch(host: 1)
            .Joins(10, "alice", 1).Joins(10, "bob", 2).Joins(10, "carol", 3)
            .Leaves(15.5, "carol", 3).Leaves(16, "alice", 1).Leaves(40.5, "bob", 2);

        Assert.Empty(LostRule.Judge(_history, End).Breaches);
    }

    [Theory]
    [InlineData(HostFaultKind.Pause, 0, null, true)]
    [InlineData(HostFaultKind.Pause, 1, null, true)]
    [InlineData(HostFaultKind.CutByReset, 0, 1, true)]
    [InlineData(HostFaultKind.Pause, 2, null, false)]
    [InlineData(HostFaultKind.CutBySwallowing, 0, 2, false)]
    public void What_was_done_to_the_holder_or_the_viewer_or_between_them_excuses_a_loss_until_it_is_over(
        HostFaultKind kind, int host, int? other, bool isExcused)
    {
        Keep("alice", 1, At(10), through: 0);
        Keep("alice", 1, At(35), through: 0);
        Watch(host: 1).Joins(10, "alice", 1).Leaves(14, "alice", 1).Joins(20, "alice", 1);
        _history.Add(new Disturbance(kind, host, other, new Span(At(12), At(15))));

        Assert.Equal(isExcused, !LostRule.Judge(_history, End).Breaches.Any());
    }

    [Fact]
    public void What_stays_lost_after_a_fault_is_lost()
    {
        Keep("alice", 1, At(10), through: 0);
        Watch(host: 1).Joins(10, "alice", 1).Leaves(14, "alice", 1);
        _history.Add(new Disturbance(HostFaultKind.Pause, 0, null, new Span(At(12), At(15))));

        Assert.Contains("for 20.00–40.00", Assert.Single(LostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_dead_Host_held_is_lost_only_once_it_was_renewed_elsewhere()
    {
        Keep("alice", 1, At(10), through: 0);
        Watch(host: 1).Joins(10, "alice", 1).Leaves(21, "alice", 1);
        _history.Add(new Disturbance(HostFaultKind.KillAndRestart, 0, null, new Span(At(12), At(14))));
        Assert.Empty(LostRule.Judge(_history, End).Breaches);

        Keep("alice", 1, At(25), through: 2);
        Assert.Contains("for 27.00–55.00", Assert.Single(LostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void A_Host_that_died_before_the_write_is_no_excuse_for_who_holds_the_lease_now()
    {
        Keep("alice", 1, At(10), through: 0);
        Keep("alice", 2, At(15), through: 2);
        Watch(host: 1).Joins(10, "alice", 1).Joins(15, "alice", 2, holder: 2).Leaves(18, "alice", 1).Leaves(19, "alice", 2).Joins(22, "alice", 2, holder: 2);
        _history.Add(new Disturbance(HostFaultKind.KillAndRestartLate, 0, null, new Span(At(12), At(20))));

        Assert.Contains("for 19.00–22.00", Assert.Single(LostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_has_asked_for_is_a_ghost()
    {
        Keep("alice", 1, At(10), through: 0);
        Watch(host: 1).Joins(10, "alice", 2);

        Assert.Contains("which nobody has asked for", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_ended_and_comes_back_is_a_ghost()
    {
        Keep("alice", 1, At(10), through: 0);
        Write("alice", null, At(15), through: 2, isAcknowledged: true);
        Watch(host: 1).Joins(10, "alice", 1).Leaves(15.1, "alice", 1).Joins(50, "alice", 1).Leaves(52, "alice", 1);
        Assert.Contains("for 50.00–52.00", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);

        _history.Add(new Disturbance(HostFaultKind.CutByReset, 0, 1, new Span(At(14), At(48))));
        Assert.Empty(GhostRule.Judge(_history, End).Breaches);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void What_was_done_to_another_holder_of_the_lease_excuses_who_has_not_heard_of_it(int holder, bool isExcused)
    {
        Keep("alice", 1, At(10), through: 0);
        Keep("alice", 2, At(15), through: 0);
        Watch(host: 0).Joins(10, "alice", 1).Joins(15, "alice", 2, holder: holder).Leaves(30, "alice", 1);
        _history.Add(new Disturbance(HostFaultKind.Pause, 1, null, new Span(At(16), At(26))));

        Assert.Equal(isExcused, GhostRule.Judge(_history, End).Breaches.Count == 0);
    }

    [Fact]
    public void What_was_done_to_who_holds_the_lease_only_later_is_no_excuse()
    {
        Keep("alice", 1, At(10), through: 0);
        Keep("alice", 2, At(15), through: 0);
        Keep("alice", 3, At(40), through: 2);
        Watch(host: 0).Joins(10, "alice", 1).Joins(15, "alice", 2).Leaves(30, "alice", 1).Joins(40, "alice", 3, holder: 2).Leaves(40, "alice", 2);
        _history.Add(new Disturbance(HostFaultKind.Pause, 2, null, new Span(At(16), At(26))));

        Assert.Contains("for 20.00–30.00", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 22, 27)]
    [InlineData(null, 22, 21)]
    [InlineData(null, 18, 45)]
    public void Of_two_holders_that_could_not_hear_of_each_other_either_may_stay_until_the_next_write_unless_the_lease_was_ended(
        int? then, int next, int ghostFrom)
    {
        Keep("alice", 1, At(14), through: 1);
        Write("alice", then, At(15), through: 0, isAcknowledged: true);
        Keep("alice", 3, At(next), through: 0);
        Keep("alice", 4, At(40), through: 0);
        Watch(host: 2).Joins(19, "alice", 1, holder: 1).Leaves(50, "alice", 1);
        _history.Add(new Disturbance(HostFaultKind.CutOff, 1, null, new Span(At(12), At(16))));

        Assert.Contains($"for {ghostFrom}.00–50.00", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_died_after_it_ended_a_lease_has_nobody_told_who_could_not_hear_of_it_and_the_lease_runs_out()
    {
        Keep("alice", 1, At(10), through: 0);
        Write("alice", null, At(15), through: 2, isAcknowledged: true);
        Watch(host: 1).Joins(10, "alice", 1).Leaves(15.1, "alice", 1).Joins(40, "alice", 1).Leaves(44, "alice", 1).Joins(50, "alice", 1).Leaves(52, "alice", 1);
        _history.Add(new Disturbance(HostFaultKind.KillAndRestart, 2, null, new Span(At(16), At(20))));
        Assert.Equal(2, GhostRule.Judge(_history, End).Breaches.Count);

        _history.Add(new Disturbance(HostFaultKind.Pause, 0, null, new Span(At(14), At(30))));
        Assert.Contains("for 50.00–52.00", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void The_share_that_is_judged_is_what_no_fault_excuses()
    {
        Keep("alice", 1, At(8), through: 0);
        Write("alice", null, At(30), through: 0, isAcknowledged: true);
        Watch(host: 1).Joins(9, "alice", 1).Leaves(30, "alice", 1);
        Watch(host: 2).Joins(9, "alice", 1).Leaves(30, "alice", 1);
        _history.Add(new Disturbance(HostFaultKind.Pause, 2, null, new Span(At(15), At(20))));

        var lost = LostRule.Judge(_history, End);
        Assert.Equal((At(40), At(30)), (lost.Required, lost.Judged));
        var ghosts = GhostRule.Judge(_history, End);
        Assert.Equal((At(130), At(130)), (ghosts.Required, ghosts.Judged));
    }

    [Fact]
    public void What_was_updated_and_stays_is_a_ghost_unless_it_was_ever_in_doubt()
    {
        Keep("alice", 1, At(10), through: 0);
        Keep("alice", 2, At(15), through: 0);
        Watch(host: 1).Joins(10, "alice", 1).Joins(15, "alice", 2).Leaves(30, "alice", 1);
        Assert.Contains("alice ref1", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);

        Write("alice", 1, At(12), through: 1, isAcknowledged: false);
        Assert.Empty(GhostRule.Judge(_history, End).Breaches);
    }

    [Fact]
    public void What_a_dead_Host_held_is_a_ghost_once_all_must_know()
    {
        Keep("alice", 1, At(10), through: 0);
        Watch(host: 1).Joins(10, "alice", 1).Leaves(40, "alice", 1);
        _history.Add(new Disturbance(HostFaultKind.KillAndRestart, 0, null, new Span(At(12), At(14))));

        Assert.Contains("for 27.00–40.00 s, after KillAndRestart", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void One_ref_is_one_presence()
    {
        Keep("alice", 1, At(10), through: 0);
        Watch(host: 1).Joins(10, "alice", 1);
        Watch(host: 2).Joins(10, "alice", 1, holder: 1);

        Assert.Contains("one ref is shown as", Assert.Single(GhostRule.Judge(_history, End).Breaches), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_is_what_the_stream_folds_to_at_that_time()
    {
        Watch(host: 1).Joins(10, "alice", 1).Joins(20, "bob", 2).Leaves(30, "alice", 1);
        void Read(double at, params string[] refs) => _history.Add(new ListRead(1, Topic, At(at), At(at), WatchSession.Digest(refs)));

        Read(12, "ref1");
        Read(19, "ref1", "ref2");
        Read(40, "ref2");
        Assert.Empty(ListRule.Breaches(_history, End));

        Read(40, "ref1", "ref2");
        Assert.Single(ListRule.Breaches(_history, End));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private void Keep(string key, int number, TimeSpan at, int through) => Write(key, number, at, through, isAcknowledged: true);

    private void Write(string key, int? number, TimeSpan at, int through, bool isAcknowledged) =>
        _history.Add(new LeaseWrite(Topic, key, number, through, at, at, isAcknowledged));

    private Stream Watch(int host)
    {
        var session = new WatchSession(host, Topic, Hosts);
        session.State([], At(0));
        _history.Add(session);
        return new Stream(session);
    }

    /// <summary>What a session is told, change by change.</summary>
    private sealed class Stream(WatchSession session)
    {
        public Stream Joins(double at, string key, int number, int holder = 0) => Diff(at, new() { [key] = Metas(number, holder) }, []);

        public Stream Leaves(double at, string key, int number) => Diff(at, [], new() { [key] = Metas(number, 0) });

        private static JsonObject Metas(int number, int holder) => new()
        {
            ["metas"] = new JsonArray(new JsonObject { ["n"] = number, ["phx_ref"] = $"ref{number}", ["phx_node"] = Hosts[holder] }),
        };

        private Stream Diff(double at, JsonObject joins, JsonObject leaves)
        {
            session.Diff(new() { ["joins"] = joins, ["leaves"] = leaves }, At(at));
            return this;
        }
    }
}
