using PresenceTracker.Tests.Clients;

namespace PresenceTracker.Tests.Browser;

/// <summary>A test of somebody else's client in a real browser: it needs npm too, which installs the client.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ForeignPageFactAttribute : BrowserFactAttribute
{
    public ForeignPageFactAttribute() => Skip ??= NodeFactAttribute.WhyNot;
}
