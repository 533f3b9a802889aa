namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Lifeguard §IV-A: how far this node trusts itself. It probes more slowly, and waits longer for answers, the more signs there are that the
/// fault is its own: a refutation that it had to give, a helper that did not say a word. Every probe that succeeds takes one back.
/// </summary>
internal sealed class LocalHealth(int max)
{
    /// <summary>0 is healthy.</summary>
    public int Score { get; private set; }

    /// <summary>By how much the period and the wait for an answer are longer than usual.</summary>
    public int Factor => Score + 1;

    public void Improve() => Score = Math.Max(0, Score - 1);

    public void Worsen(int by = 1) => Score = Math.Min(max - 1, Score + by);
}
