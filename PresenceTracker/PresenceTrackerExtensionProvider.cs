using Akka.Actor;

namespace PresenceTracker;

/// <summary>Makes the extension; can be named in <c>akka.extensions</c> to start the tracker with the actor system.</summary>
public sealed class PresenceTrackerExtensionProvider : ExtensionIdProvider<PresenceTrackerExtension>
{
    public override PresenceTrackerExtension CreateExtension(ExtendedActorSystem system) => PresenceTrackerExtension.Start(system);
}
