using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Who is in the cluster, as a step function: an input goes in, effects come out. Owned by one actor; not safe for concurrent use.
/// </summary>
public sealed class MembershipCore
{
    // For so long must a node hear nobody to believe that another one has taken its place. Our choice: twice the shortest suspicion on a LAN.
    private const int SilentPeriodsMax = 8;

    private readonly MembershipOptions _options;
    private readonly OwnLife _self;
    private readonly MemberTable _members;
    private readonly Admission _admission;
    private readonly AddressBook _addresses;
    private readonly Greeter _greeter;
    private readonly GivenPeers _givenPeers;
    private readonly SelfDefence _defence;
    private readonly Handshake _handshake;
    private readonly LocalHealth _health;
    private readonly Letters _letters;
    private readonly Listener _listener;
    private readonly Suspicions _suspicions;
    private readonly ProbeSchedule _schedule;
    private readonly Prober _prober;
    private readonly ProbeRelays _relays;
    private readonly Dissemination _dissemination;
    private readonly RestingRoot _root = new();
    private readonly Links _links = new();
    private readonly UpdateQueue _updates;
    private bool _isStarted;
    private bool _hasEnded;

    /// <exception cref="ArgumentException">An option or the address is outside its limits; the message names all that are.</exception>
    public MembershipCore(MembershipOptions options, NodeId self, Prng prng)
    {
        options.Validate();
        if (!RecordCheck.IsNode(self)) throw new ArgumentException($"{self} is no host:port with a possible counter.", nameof(self));

        _options = options;
        _self = new OwnLife(self);
        _health = new LocalHealth(options.Swim.LocalHealthMax);
        var tokens = new TokenSource();
        var updates = new UpdateQueue(options);
        _updates = updates;
        _members = new MemberTable(options, updates);
        _letters = new Letters(_self, _members, updates);
        _admission = new Admission(options);
        _addresses = new AddressBook(options, _members);
        _greeter = new Greeter(options, _self, _addresses, _admission);
        _givenPeers = new GivenPeers(options, _self, _members, _greeter, _admission);
        _defence = new SelfDefence(_self, _members, _greeter, updates, _letters, _health);
        _suspicions = new Suspicions(options, _self, _members, updates, _letters, tokens);
        var hearsay = new Hearsay(_self, _members, updates, _suspicions, _greeter, _defence);
        _listener = new Listener(_members, _greeter, hearsay, _defence, _letters);
        _handshake = new Handshake(options, _self, _members, _addresses, _greeter, _defence, _listener);
        _schedule = new ProbeSchedule(_members, prng);
        _prober = new Prober(options, _self, _members, _links, _schedule, _suspicions, _letters, _health, _root, tokens, prng);
        _relays = new ProbeRelays(options, _self, _members, _letters, tokens);
        _dissemination = new Dissemination(options, _members, _links, updates, _letters, tokens, prng);
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
        var step = new MembershipStep(now, effects);
        if (input is not MembershipInput.Started) CountOwnPause(step);
        Dispatch(input, step);
        if (!_hasEnded)
        {
            _dissemination.Review(step);
            Broadcast(step);
        }

        for (var i = first; i < effects.Count; i++)
        {
            switch (effects[i])
            {
                case MembershipEffect.NodeUp(var record):
                    _schedule.Add(record.Node.Address);
                    break;
                case MembershipEffect.NodeReturned(var record):
                    _schedule.Add(record.Node.Address);
                    break;
                case MembershipEffect.StopNode:
                    _hasEnded = true;
                    break;
                default:
                    break;
            }
        }
    }

    // Lifeguard §IV-A makes a slow member distrust its own verdicts. Deviation: a period that is noticed more than one period late is taken as
    // proof that this process stood still. The whole gap is taken out of every suspicion, and each goes on for a period at least, so that what
    // came meanwhile is heard first; what was probed is probed again.
    private void CountOwnPause(MembershipStep step)
    {
        var late = step.Now - _prober.Due;
        var period = _options.Swim.ProtocolPeriod;
        if (late <= period) return;

        _members.Shift(late, step.Now, step.Now + period);
        _prober.Abandon(step.Now);
        _health.Worsen();
    }

    private void Dispatch(MembershipInput input, MembershipStep step)
    {
        switch (input)
        {
            case MembershipInput.Started:
                _greeter.Start(step);
                _prober.Start(step);
                break;
            case MembershipInput.MessageReceived received:
                OnMessage(received.Message, received.From, step);
                break;
            case MembershipInput.TimerFired fired:
                OnTimer(fired.Timer, step);
                break;
            case MembershipInput.PeerUnreachable unreachable:
                _prober.OnUnreachable(unreachable.Address, step);
                break;
            case MembershipInput.RootRests(var root):
                _root.Own = root;
                break;
            case MembershipInput.LinksChanged(var neighbors):
                _links.Change(neighbors);
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
                _greeter.SetSeeds(changed.Addresses, changed.AwaitsMore, step);
                break;
            case MembershipInput.PeersChanged changed:
                _givenPeers.OnChanged(changed, step);
                break;
            case MembershipInput.Expelled(var member, var reason):
                _givenPeers.OnExpelled(member, reason, step);
                break;
            default:
                throw new InvariantViolationException($"No rule for the input {input}.");
        }
    }

    private void OnTimer(MembershipTimer timer, MembershipStep step)
    {
        switch (timer)
        {
            case MembershipTimer.PeriodOver:
                _prober.OnPeriodOver(timer.Token, step);
                break;
            case MembershipTimer.ProbeOverdue:
                _prober.OnProbeOverdue(timer.Token, step);
                break;
            case MembershipTimer.RelayOverdue:
                _relays.OnOverdue(timer.Token, step);
                break;
            case MembershipTimer.NewsDue:
                _dissemination.OnDue(timer.Token, step);
                break;
            case MembershipTimer.SuspicionOver over:
                _suspicions.OnOver(over, step);
                break;
            case MembershipTimer.GreetingDue when _greeter.OnGreetingDue(timer.Token, step):
                _members.RemoveOverdue(step);
                _members.ExpireRemovals(step.Now);
                _suspicions.TellAccused(step);
                _defence.ReviewSupplanting(_options.Swim.ProtocolPeriod * SilentPeriodsMax, step);
                break;
            case MembershipTimer.GreetingDue:
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
            case MembershipMessage.Ping ping when IsAcceptable(ping.Self, step):
                OnPing(ping, step);
                break;
            case MembershipMessage.PingRequest request
                when IsAcceptable(request.Self, step) && _listener.Hear(request.Self, request.Updates, isAnswered: false, step):
                _relays.OnRequest(request, step);
                break;
            case MembershipMessage.Ack ack when IsAcceptable(ack.Self, step) && _listener.Hear(ack.Self, ack.Updates, isAnswered: false, step):
                LearnNeighbors(ack);
                _prober.OnAck(ack);
                _relays.OnAck(ack, step);
                _root.Hear(ack.Self.Node, ack.Root, step);
                break;
            case MembershipMessage.Nack nack
                when IsAcceptable(nack.Self, step) && _listener.Hear(nack.Self, nack.Updates, isAnswered: false, step):
                _prober.OnNack(nack);
                break;
            case MembershipMessage.Announcement told when IsAcceptable(told.Self, step):
                _listener.Hear(told.Self, told.Updates, isAnswered: false, step);
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

    // SWIM §3.1: whoever is probed answers at once.
    private void OnPing(MembershipMessage.Ping ping, MembershipStep step)
    {
        var prober = ping.Self.Node.Address;
        if (_listener.Hear(ping.Self, ping.Updates, isAnswered: true, step))
        {
            step.Send(prober, new MembershipMessage.Ack(ping.Token, _self.Record, _letters.UpdatesFor(prober), _root.Own, _links.Neighbors));
            _root.Hear(ping.Self.Node, ping.Root, step);
        }
    }

    private void LearnNeighbors(MembershipMessage.Ack ack)
    {
        if (!ack.Neighbors.IsDefaultOrEmpty && ack.Neighbors.Length <= MembershipOptions.NeighborsMax && _members.TryGet(ack.Self.Node.Address, out var member))
        {
            member.Neighbors = ack.Neighbors;
        }
    }

    // SWIM §4.1 lets news ride on messages, which takes a time that grows with the number of nodes. Over the overlay it takes a few hops.
    private void Broadcast(MembershipStep step)
    {
        var urgent = _updates.TakeUrgent();
        if (_links.ArePartial && !urgent.IsEmpty)
        {
            step.Emit(new MembershipEffect.Broadcast(new MembershipMessage.Announcement(_self.Record, urgent)));
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

        if (record.Node.Address != _self.Address)
        {
            if (_admission.Admits(record.Node)) return true;
            step.Report(MembershipViolationKind.OutsideCluster, record.Node.Address, $"{record.Node} is no member of the cluster around");
            return false;
        }

        _defence.OnAddressClaimed(record.Node, step);
        return false;
    }

    private void OnShardEpoch(ShardEpoch epoch, MembershipStep step)
    {
        if (!RecordCheck.IsEpoch(epoch, _options.ShardCount))
        {
            throw new ArgumentException($"{epoch} is no epoch of one of {_options.ShardCount} shards.");
        }

        // At once, not with the next probe: peers drop what the shard sends in an epoch that they have not heard of.
        if (_self.RaiseEpoch(epoch)) _letters.AnnounceToAll(step);
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
