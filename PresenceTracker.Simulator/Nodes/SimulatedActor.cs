namespace PresenceTracker.Simulator.Nodes;

/// <summary>One mailbox's messages are handled one at a time, as those of an actor are.</summary>
internal abstract class SimulatedActor(SimulatedNode node, ActorName name)
{
    private readonly Queue<object> _suspended = [];
    private bool _isSuspended;

    public ActorName Name { get; } = name;

    protected SimulatedNode Node { get; } = node;

    public void Deliver(object message)
    {
        if (_isSuspended)
        {
            _suspended.Enqueue(message);
            return;
        }

        Receive(message);
    }

    protected abstract void Receive(object message);

    protected void Tell(ActorName to, object message) => Node.Tell(to, message);

    /// <summary>Messages wait, as they do from the crash of an actor to its restart.</summary>
    protected void Suspend() => _isSuspended = true;

    protected void Resume()
    {
        _isSuspended = false;
        while (!_isSuspended && Node.IsAlive && _suspended.TryDequeue(out var message))
        {
            Receive(message);
        }
    }
}
