using Xunit;

namespace PresenceTracker.Tests.Host.Faults;

/// <summary>A Host that nothing was done to serves its clients.</summary>
public sealed class RefusalRuleTests
{
    private readonly History _history = new();

    [Fact]
    public void A_stream_that_ends_and_a_write_that_is_refused_in_the_calm_are_breaches()
    {
        Refuse(isOfStream: true);
        Refuse(isOfStream: false);
        Disturb(HostFaultKind.Pause, 1, null, from: 60, to: 65);

        Assert.Equal(2, RefusalRule.Breaches(_history).Count());
    }

    [Theory]
    [InlineData(HostFaultKind.KillAndRestart, 1, null, true)]
    [InlineData(HostFaultKind.Pause, 1, null, true)]
    [InlineData(HostFaultKind.CutOff, 1, null, false)]
    [InlineData(HostFaultKind.CutByReset, 1, 2, false)]
    [InlineData(HostFaultKind.KillAndRestart, 2, null, false)]
    public void A_stream_may_end_only_because_of_what_was_done_to_its_Host_itself(HostFaultKind kind, int host, int? other, bool isExcused)
    {
        Refuse(isOfStream: true);
        Disturb(kind, host, other, from: 45, to: 48);

        Assert.Equal(isExcused, !RefusalRule.Breaches(_history).Any());
    }

    [Theory]
    [InlineData(HostFaultKind.CutOff, 2, 36, 48)]
    [InlineData(HostFaultKind.KillAndRestart, 2, 36, 38)]
    public void A_write_may_be_refused_while_another_Host_is_disturbed_or_not_yet_known_to_be_dead(
        HostFaultKind kind, int host, double from, double to)
    {
        Refuse(isOfStream: false);
        Disturb(kind, host, null, from, to);

        Assert.Empty(RefusalRule.Breaches(_history));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private void Refuse(bool isOfStream) => _history.Add(new Refusal(1, isOfStream, new Span(At(50), At(50.1)), "no"));

    private void Disturb(HostFaultKind kind, int host, int? other, double from, double to) =>
        _history.Add(new Disturbance(kind, host, other, new Span(At(from), At(to))));
}
