namespace PresenceTracker.Tests.Wire;

/// <summary>What a peer wants built: it does something in its constructor, and in a setter.</summary>
public sealed class Gadget
{
    public Gadget() => Gadgets.Count();

    public string Name
    {
        get => "";
        set => Gadgets.Count();
    }
}
