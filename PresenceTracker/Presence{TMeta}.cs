using PresenceTracker.Protocol.Presences;

namespace PresenceTracker;

/// <summary>A presence with its meta read as a type of the program's own.</summary>
/// <param name="Untyped">The presence itself.</param>
/// <param name="Meta">Its meta, read with the web defaults of System.Text.Json.</param>
public readonly record struct Presence<TMeta>(Presence Untyped, TMeta Meta)
{
    public string Topic => Untyped.Topic;

    public string Key => Untyped.Key;

    public string Ref => Untyped.Ref;
}
