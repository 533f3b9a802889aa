namespace PresenceTracker.Tests.Host.Faults;

/// <summary>One presence as an event stream showed it, from its join, or from the state in which it stood, to its leave.</summary>
internal sealed class ShownPresence(string key, string reference, int number, int holder, TimeSpan from)
{
    public string Key { get; } = key;

    public string Ref { get; } = reference;

    /// <summary>Of the meta.</summary>
    public int Number { get; } = number;

    /// <summary>The Host that tracks it.</summary>
    public int Holder { get; } = holder;

    public TimeSpan From { get; } = from;

    /// <summary>Null if it stood until the stream ended.</summary>
    public TimeSpan? Until { get; set; }

    public override string ToString() => $"{Key} {Ref} ({Number}, of Host {Holder})";
}
