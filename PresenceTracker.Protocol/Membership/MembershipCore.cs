using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Who is in the cluster, as a step function: an input goes in, effects come out. Owned by one actor; not safe for concurrent use.
/// </summary>
public sealed class MembershipCore
{
    private readonly MembershipOptions _options;
    private readonly OwnLife _self;
    private readonly MemberTable _members;
    private readonly AddressBook _addresses;
    private readonly Greeter _greeter;
    private readonly SelfDefence _defence;
    private readonly Handshake _handshake;
    private readonly HeartbeatDetector _detector;
    private bool _isStarted;
    private bool _hasEnded;

    /// <exception cref="ArgumentException">An option or the address is outside its limits; the message names all that are.</exception>
    public MembershipCore(MembershipOptions options, NodeId self, Prng prng)
    {
        options.Validate();
        if (!RecordCheck.IsNode(self)) throw new ArgumentException($"{self} is no host:port with a possible counter.", nameof(self));

        _options = options;
        _self = new OwnLife(self);
        _members = new MemberTable(options);
        _addresses = new AddressBook(options, _members);
        _greeter = new Greeter(options, _self, _addresses);
        _defence = new SelfDefence(_self, _members, _greeter);
        _handshake = new Handshake(options, _self, _members, _addresses, _greeter, _defence);
        _detector = new HeartbeatDetector(options, _members, _greeter, _defence, prng);
    }

    /// <summary>What this node says of itself.</summary>
    public NodeRecord Self => _self.Record;

    /// <summary>Every other node known, also the removed ones, by rising address.</summary>
    public IReadOnlyList<MemberView> Members => _members.Views();

    /// <summary>Handles one input and appends what is to be done because of it.</summary>
    /// <exception cref="InvalidOperationException"><see cref="MembershipInput.Started"/> did not come first, or came twice.</exception>
    /// <exception cref="ArgumentException">A seed or an epoch is outside its limits; nothing was changed.</exception>
    public void Handle(MembershipInput input, MonotonicTime now, List<MembershipEffect> effects)
    {
        if (_isStarted == input is MembershipInput.Started)
        {
            throw new InvalidOperationException(
                $"The first input, and only that, must be {nameof(MembershipInput.Started)}; now came {input}.");
        }

        _isStarted = true;
        if (_hasEnded) return;

        var first = effects.Count;
        Dispatch(input, new MembershipStep(now, effects));
        for (var i = first; i < effects.Count; i++)
        {
            if (effects[i] is MembershipEffect.StopNode) _hasEnded = true;
        }
    }

    private void Dispatch(MembershipInput input, MembershipStep step)
    {
        switch (input)
        {
            case MembershipInput.Started:
                _greeter.Start(step);
                _detector.Start(step);
                break;
            case MembershipInput.MessageReceived received:
                OnMessage(received.Message, received.From, step);
                break;
            case MembershipInput.TimerFired fired:
                OnTimer(fired.Timer, step);
                break;
            case MembershipInput.Supplanted:
                _defence.OnSupplanted(step);
                break;
            case MembershipInput.ShardEpochCompleted completed:
                OnShardEpoch(completed.Epoch, step);
                break;
            case MembershipInput.LeaveRequested:
                Leave(step);
                break;
            case MembershipInput.SeedsChanged changed:
                _options.ValidateSeeds(changed.Addresses);
                _greeter.SetSeeds(changed.Addresses, step);
                break;
            default:
                throw new InvariantViolationException($"No rule for the input {input}.");
        }
    }

    private void OnTimer(MembershipTimer timer, MembershipStep step)
    {
        switch (timer)
        {
            case MembershipTimer.HeartbeatDue:
                _detector.OnHeartbeatDue(timer.Token, step);
                break;
            case MembershipTimer.GreetingDue:
                _greeter.OnGreetingDue(timer.Token, step);
                break;
            case MembershipTimer.FirstContactOver:
                _greeter.OnFirstContactOver(timer.Token, step);
                break;
            default:
                throw new InvariantViolationException($"No rule for the timer {timer}.");
        }
    }

    private void OnMessage(MembershipMessage message, string? from, MembershipStep step)
    {
        switch (message)
        {
            case MembershipMessage.Hello hello when IsOwn(hello.Self):
                _handshake.OnOwnHello(hello, step);
                break;
            case MembershipMessage.Hello hello when _handshake.Fits(hello, step) && IsAcceptable(hello.Self, step):
                _handshake.OnHello(hello, step);
                break;
            case MembershipMessage.Welcome welcome when IsAcceptable(welcome.Self, step):
                _handshake.OnWelcome(welcome, step);
                break;
            case MembershipMessage.Heartbeat heartbeat when IsAcceptable(heartbeat.Self, step):
                _detector.OnHeartbeat(heartbeat.Self, step);
                break;
            case MembershipMessage.Refused refused:
                _handshake.OnRefused(refused, from, step);
                break;
            case MembershipMessage.RemovalNotice notice:
                _defence.OnNotice(notice, from, step);
                break;
            case MembershipMessage.Leaving leaving when RecordCheck.IsNode(leaving.Node) && leaving.Node.Address != _self.Address:
                _members.Leave(leaving.Node, step);
                break;
            default:
                break;
        }
    }

    private bool IsOwn(NodeRecord record) =>
        record.Node.Address == _self.Address && record.Node.Incarnation.ProcessId == _self.Node.Incarnation.ProcessId;

    /// <summary>Whether the record can be true of another node.</summary>
    private bool IsAcceptable(NodeRecord record, MembershipStep step)
    {
        if (IsOwn(record)) return false;
        if (!RecordCheck.IsRecord(record, _options.ShardCount))
        {
            step.Report(MembershipViolationKind.MalformedRecord, record.Node.Address, $"{record.Node} at refutation {record.Refutation}");
            return false;
        }

        if (record.Node.Address != _self.Address) return true;
        _defence.OnAddressClaimed(record.Node, step);
        return false;
    }

    private void OnShardEpoch(ShardEpoch epoch, MembershipStep step)
    {
        if (!RecordCheck.IsEpoch(epoch, _options.ShardCount))
        {
            throw new ArgumentException($"{epoch} is no epoch of one of {_options.ShardCount} shards.");
        }

        // At once, not with the next heartbeat: peers drop what the shard sends in an epoch that they have not heard of.
        if (_self.RaiseEpoch(epoch)) _defence.TellEveryPeer(step);
    }

    private void Leave(MembershipStep step)
    {
        _hasEnded = true;
        foreach (var member in _members.All)
        {
            step.Send(member.Address, new MembershipMessage.Leaving(_self.Node));
        }
    }
}
