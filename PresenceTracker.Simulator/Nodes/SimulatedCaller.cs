namespace PresenceTracker.Simulator.Nodes;

/// <summary>The threads that call the tracker: what they are told they do at once.</summary>
internal sealed class SimulatedCaller(SimulatedNode node) : SimulatedActor(node, ActorName.Caller)
{
    protected override void Receive(object message) => ((Action)message)();
}
