using Akka.Actor;

namespace PresenceTracker.Tests.Wire;

/// <summary>A gadget that a peer deploys.</summary>
public sealed class GadgetActor : UntypedActor
{
    protected override void PreStart() => Gadgets.Count();

    protected override void OnReceive(object message)
    {
    }
}
