using System.Collections.Immutable;

namespace PresenceTracker.Discovery;

/// <summary>One way to find nodes, and how far it has come. Used by one actor alone, except for its hint.</summary>
internal sealed class DiscoveryWay(IDiscovery discovery)
{
    private int _hasHint;
    private string _faults = "";

    public IDiscovery Discovery { get; } = discovery;

    /// <summary>What it has found last; null if it has not found anything yet.</summary>
    public ImmutableArray<string>? Found { get; set; }

    public bool IsLooking { get; set; }

    /// <summary>Whether there was a reason to look while it was looking.</summary>
    public bool LooksAgain { get; set; }

    public long Looks { get; set; }

    /// <summary>Whether nobody else has said that it is worth while to look, since the last look began. Thread-safe.</summary>
    public bool TryClaimHint() => Interlocked.Exchange(ref _hasHint, 1) == 0;

    public void ForgetHint() => Volatile.Write(ref _hasHint, 0);

    /// <summary>What to tell of its faults, unless that was what it told last. What is as it was is not told each time.</summary>
    public string? IsNews(ImmutableArray<DiscoveryFault> faults)
    {
        var told = string.Join("; ", faults.Select(fault => fault.Detail).OfType<string>());
        if (told == _faults)
        {
            return null;
        }

        _faults = told;
        return told.Length > 0 ? told : "all is well again";
    }
}
