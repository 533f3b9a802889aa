using PresenceTracker.Handlers;

namespace PresenceTracker.Tests.Handlers;

internal sealed class EveryNodeHandler : RecordingHandler
{
    public override PresenceHandlerScope Scope => PresenceHandlerScope.EveryNode;
}
