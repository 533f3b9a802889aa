using PresenceTracker.Handlers;

namespace PresenceTracker.Tests.Handlers;

internal sealed class OwnNodeHandler : RecordingHandler
{
    public override PresenceHandlerScope Scope => PresenceHandlerScope.OwnNode;
}
