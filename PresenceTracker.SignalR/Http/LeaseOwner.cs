using System.Globalization;
using PresenceTracker.Errors;
using PresenceTracker.Owners;

namespace PresenceTracker.SignalR.Http;

/// <summary>The owner that a request names: a lease with its duration, written as <c>30s</c>, <c>5m</c> or <c>1h</c>.</summary>
internal static class LeaseOwner
{
    public const string DefaultLease = "30s";
    public const string DefaultName = "http";

    // Enough for a day in seconds.
    private const int DigitsMax = 5;

    /// <exception cref="LimitExceededException">The duration is not written so, or out of range; or the owner has no name.</exception>
    public static Owner Parse(string? lease, string? name)
    {
        if (name is "")
        {
            throw new LimitExceededException("owner", "empty", "at least one character, or none given", option: "the parameter owner");
        }

        lease ??= DefaultLease;
        if (lease.Length < 2 || lease.Length > DigitsMax + 1
            || !int.TryParse(lease.AsSpan(0, lease.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            throw Unknown(lease);
        }

        var duration = lease[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            _ => throw Unknown(lease),
        };
        try
        {
            return Owner.Lease(duration, name ?? DefaultName);
        }
        catch (LimitExceededException)
        {
            throw Unknown(lease);
        }
    }

    /// <summary>The owner without regard to how long its lease is.</summary>
    public static Owner Named(string? name) => Parse(DefaultLease, name);

    private static LimitExceededException Unknown(string lease) =>
        new("lease", lease, "1s to 24h, written as 30s, 5m or 1h", option: "the parameter lease");
}
