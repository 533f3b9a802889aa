namespace PresenceTracker.Tests.Wire;

/// <summary>Counts how often a peer has made this process build something.</summary>
public static class Gadgets
{
    /// <summary>The tests that read the count do not run at one time.</summary>
    public const string Collection = "gadgets";

    private static int _built;

    public static int Built => Volatile.Read(ref _built);

    public static void Count() => Interlocked.Increment(ref _built);
}
