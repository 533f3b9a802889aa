namespace PresenceTracker.Benchmarks.Results;

/// <summary>What must hold of a figure.</summary>
/// <param name="What">Such as "of the floor".</param>
internal sealed record Bar(string What, double Measured, double Limit, bool IsLowest)
{
    public bool IsMet => IsLowest ? Measured >= Limit : Measured <= Limit;

    public static Bar AtLeast(string what, double measured, double limit) => new(what, measured, limit, IsLowest: true);

    public static Bar AtMost(string what, double measured, double limit) => new(what, measured, limit, IsLowest: false);
}
