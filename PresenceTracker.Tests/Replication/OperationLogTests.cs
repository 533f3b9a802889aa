using PresenceTracker.Protocol.Replication;
using Xunit;

namespace PresenceTracker.Tests.Replication;

public sealed class OperationLogTests
{
    private const int Many = 10_000;

    private readonly LogBudget _budget = new();
    private readonly OperationLog _log;

    public OperationLogTests() => _log = new OperationLog(_budget);

    [Fact]
    public void The_budget_counts_the_memory_of_the_log_and_little_of_it_is_empty()
    {
        for (var i = 1; i <= Many; i++)
        {
            Append(i);
            AssertBudgeted();
            Assert.InRange(_log.Capacity, _log.Count, _log.Count + (_log.Count / 4) + 1);
        }
    }

    [Fact]
    public void A_log_that_begins_anew_gives_its_memory_back()
    {
        AppendMany();

        _log.RestartAt(Many);

        Assert.Equal(0, _log.Capacity);
        AssertBudgeted();
        Append(Many + 1);
        Assert.Equal(1, _log.Capacity);
    }

    [Fact]
    public void A_log_that_forgets_its_older_half_gives_half_of_its_memory_back()
    {
        AppendMany();

        for (var left = Many / 2; left > 0; left /= 2)
        {
            _log.DropOlderHalf();
            Assert.Equal((left, left), (_log.Count, _log.Capacity));
            AssertBudgeted();
        }

        _log.DropOlderHalf();
        Assert.Equal((0, 0), (_log.Count, _log.Capacity));
        AssertBudgeted();
    }

    private void AppendMany()
    {
        for (var i = 1; i <= Many; i++)
        {
            Append(i);
        }
    }

    private void Append(int sequence) => _log.Append(new Removal((ulong)sequence, 0, RemovalCause.Untracked));

    private void AssertBudgeted() => Assert.Equal((long)_log.Capacity * OperationLog.BytesPerRemoval, _budget.Bytes);
}
