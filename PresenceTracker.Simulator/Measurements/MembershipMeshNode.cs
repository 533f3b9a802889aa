using PresenceTracker.Protocol.Membership;

namespace PresenceTracker.Simulator.Measurements;

/// <summary>A node of a <see cref="MembershipMesh"/>.</summary>
internal sealed class MembershipMeshNode(MembershipMesh mesh, int slot, MembershipCore core)
{
    private readonly List<MembershipEffect> _effects = [];
    private readonly Queue<Action> _heldBack = [];
    private readonly SortedSet<string> _shown = new(StringComparer.Ordinal);
    private bool _isRunning;
    private bool _isBlocked;
    private bool _isPaused;

    public int Slot { get; } = slot;

    public string Address { get; } = core.Self.Node.Address;

    public MembershipCore Core { get; } = core;

    /// <summary>How many others it shows.</summary>
    public int UpCount => _shown.Count;

    /// <summary>Whether it shows the node at that address.</summary>
    public bool Shows(string address) => _shown.Contains(address);

    public void Start()
    {
        _isRunning = true;
        Handle(new MembershipInput.Started());
    }

    public void End() => _isRunning = false;

    /// <summary>From now on nothing is sent or received, but its timers go on: it cannot notice that the fault is its own.</summary>
    public void Block() => _isBlocked = true;

    /// <summary>The whole process stands still, and its timers with it.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>What was held back happens now, in its order.</summary>
    public void Resume()
    {
        _isBlocked = false;
        _isPaused = false;
        while (!_isBlocked && !_isPaused && _heldBack.TryDequeue(out var next))
        {
            next();
        }
    }

    public void Receive(string from, MembershipMessage message) =>
        Do(() => Handle(new MembershipInput.MessageReceived(from, message)), isHeldBack: _isBlocked || _isPaused);

    /// <summary>The connection to the node at that address has broken, or none could be had.</summary>
    public void LoseConnection(string address) =>
        Do(() => Handle(new MembershipInput.PeerUnreachable(address)), isHeldBack: _isBlocked || _isPaused);

    private void Handle(MembershipInput input)
    {
        if (!_isRunning)
        {
            return;
        }

        Core.Handle(input, mesh.Events.Now, _effects);
        var effects = _effects.ToArray();
        _effects.Clear();
        foreach (var effect in effects)
        {
            Carry(effect);
        }
    }

    private void Carry(MembershipEffect effect)
    {
        switch (effect)
        {
            case MembershipEffect.SendMessage(var address, var message):
                Do(() => mesh.Send(this, address, message), isHeldBack: _isBlocked);
                break;
            case MembershipEffect.ScheduleTimer(var timer, var after):
                mesh.Events.After(after, () => Do(() => Handle(new MembershipInput.TimerFired(timer)), isHeldBack: _isPaused));
                break;
            case MembershipEffect.StopNode(var cause):
                throw new InvalidOperationException($"{Address} stops: {cause}");
            default:
                Note(effect);
                mesh.Decided(this, effect);
                break;
        }
    }

    private void Note(MembershipEffect effect)
    {
        switch (effect)
        {
            case MembershipEffect.NodeUp(var record):
                _shown.Add(record.Node.Address);
                break;
            case MembershipEffect.NodeReturned(var record):
                _shown.Add(record.Node.Address);
                break;
            case MembershipEffect.NodeDown(var node):
                _shown.Remove(node.Address);
                break;
            case MembershipEffect.NodeRemoved(var node, _):
                _shown.Remove(node.Address);
                break;
        }
    }

    private void Do(Action action, bool isHeldBack)
    {
        if (isHeldBack)
        {
            _heldBack.Enqueue(action);
        }
        else
        {
            action();
        }
    }
}
