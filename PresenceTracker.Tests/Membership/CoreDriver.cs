using PresenceTracker.Protocol.Collections;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Time;
using Xunit;

namespace PresenceTracker.Tests.Membership;

/// <summary>One core on virtual time: <see cref="Advance"/> fires its timers, and what else it does is taken effect by effect.</summary>
internal sealed class CoreDriver
{
    public const string OwnAddress = "a:1";
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<MembershipEffect> _effects = [];
    private readonly SortedDictionary<(long Due, int Order), MembershipTimer> _timers = [];
    private readonly SortedDictionary<string, (NodeId Node, ulong Refutation)> _answering = new(StringComparer.Ordinal);
    private int _order;

    public CoreDriver(MembershipOptions? options = null, NodeId? self = null)
    {
        Core = new MembershipCore(options ?? Options(), self ?? Node(OwnAddress, 100), new Prng(1));
    }

    public MembershipCore Core { get; }

    public MonotonicTime Now { get; private set; } = new(TimeSpan.FromHours(5).Ticks);

    public static MembershipOptions Options(params string[] seeds) =>
        new() { ClusterName = "test", ShardCount = 8, Seeds = [.. seeds] };

    /// <summary>A node whose process id follows from its address and counter, unless given.</summary>
    public static NodeId Node(string address, ulong counter, ulong? processId = null) =>
        new(address, new Incarnation(counter, processId ?? StableHash.Of(StableHash.Of(address), counter)));

    public static NodeRecord Record(NodeId node, ulong refutation = 1, params ShardEpoch[] epochs) => new(node, refutation, [.. epochs]);

    public static MembershipMessage.Hello Hello(NodeId node, ulong refutation = 1, string target = OwnAddress) =>
        new(Record(node, refutation), target, MembershipOptions.ProtocolVersion, "test", 8);

    public static MembershipMessage.Welcome Welcome(NodeId host, ulong knownCounter = 0, params NodeId[] members) =>
        new(Record(host), host.Address, [.. members], knownCounter);

    public static MembershipMessage.Announcement Announcement(NodeId node, ulong refutation = 1, params ShardEpoch[] epochs) =>
        new(Record(node, refutation, epochs), []);

    /// <summary>That others say this of a third node; <paramref name="by"/> is who accuses it.</summary>
    public static MembershipMessage.Announcement Told(
        NodeId teller, UpdateKind kind, NodeId of, ulong refutation = 1, string? by = null) =>
        new(Record(teller), [new MemberUpdate(of, refutation, kind, kind == UpdateKind.Suspect ? by ?? teller.Address : null)]);

    public static CoreDriver Started(params string[] seeds) => Started(Options(seeds));

    /// <summary>A started core whose start is not looked at.</summary>
    public static CoreDriver Started(MembershipOptions options)
    {
        var driver = new CoreDriver(options);
        driver.Do(new MembershipInput.Started());
        driver._effects.Clear();
        return driver;
    }

    /// <summary>A started core without seeds that has these members.</summary>
    public static CoreDriver With(params NodeId[] members)
    {
        var driver = Started();
        foreach (var member in members)
        {
            driver.Receive(Hello(member));
            driver.Receive(Welcome(member));
        }

        driver._effects.Clear();
        return driver;
    }

    /// <summary>As <see cref="With"/>, and it has nothing left to tell.</summary>
    public static CoreDriver Settled(params NodeId[] members)
    {
        var driver = With(members);
        do
        {
            driver.Receive(new MembershipMessage.Ping(1, Record(members[0]), []));
        }
        while (!driver.TakeSent<MembershipMessage.Ack>().Message.Updates.IsEmpty);

        return driver;
    }

    public void Do(MembershipInput input)
    {
        var effects = new List<MembershipEffect>();
        var answers = new List<MembershipMessage>();
        Core.Handle(input, Now, effects);
        foreach (var effect in effects)
        {
            if (effect is MembershipEffect.ScheduleTimer timer)
            {
                _timers.Add(((Now + timer.After).Ticks, _order++), timer.Timer);
            }
            else if (AnswerTo(effect) is { } answer)
            {
                answers.Add(answer);
            }
            else
            {
                _effects.Add(effect);
            }
        }

        answers.ForEach(answer => Receive(answer));
    }

    public void Receive(MembershipMessage message, string? from = null) => Do(new MembershipInput.MessageReceived(from, message));

    /// <summary>Fires what is due in that time, each when it is due.</summary>
    public void Advance(TimeSpan span)
    {
        var end = Now + span;
        while (_timers.Count > 0 && _timers.First() is var (key, timer) && key.Due <= end.Ticks)
        {
            Now = new MonotonicTime(Math.Max(key.Due, Now.Ticks));
            _timers.Remove(key);
            Do(new MembershipInput.TimerFired(timer));
        }

        Now = end;
    }

    /// <summary>
    /// As <see cref="Advance"/>, while each of the nodes answers what it is asked at once, and refutes what doubts of it ride on that.
    /// </summary>
    public void AdvanceHearing(TimeSpan span, params NodeId[] nodes)
    {
        foreach (var node in nodes)
        {
            _answering[node.Address] = (node, 1);
        }

        Advance(span);
        _answering.Clear();
    }

    /// <summary>The process stands still: what is due meanwhile fires only afterwards.</summary>
    public void Pause(TimeSpan span) => Now += span;

    /// <summary>The only effect of that type, which then counts as seen.</summary>
    public T Take<T>()
        where T : MembershipEffect
    {
        var found = Assert.Single(_effects.OfType<T>());
        _effects.Remove(found);
        return found;
    }

    /// <summary>Every message of that type, with its receiver; they then count as seen.</summary>
    public (string To, T Message)[] TakeAllSent<T>()
        where T : MembershipMessage
    {
        var found = _effects.OfType<MembershipEffect.SendMessage>().Where(send => send.Message is T).ToArray();
        _effects.RemoveAll(effect => effect is MembershipEffect.SendMessage { Message: T });
        return [.. found.Select(send => (send.Address, (T)send.Message))];
    }

    /// <summary>The only message of that type, whatever its receiver.</summary>
    public (string To, T Message) TakeSent<T>()
        where T : MembershipMessage
    {
        var found = Assert.Single(_effects.OfType<MembershipEffect.SendMessage>(), send => send.Message is T);
        _effects.Remove(found);
        return (found.Address, (T)found.Message);
    }

    /// <summary>To whom messages of that type were sent, in order; they then count as seen.</summary>
    public string[] TakeReceivers<T>()
        where T : MembershipMessage =>
        [.. TakeAllSent<T>().Select(sent => sent.To)];

    /// <summary>Everything not yet seen except messages.</summary>
    public MembershipEffect[] TakeEvents()
    {
        var found = _effects.Where(effect => effect is not MembershipEffect.SendMessage).ToArray();
        _effects.Clear();
        return found;
    }

    public void AssertViolation(MembershipViolationKind kind) =>
        Assert.Equal(kind, Take<MembershipEffect.ReportViolation>().Violation.Kind);

    public void AssertNothingElse() => Assert.Empty(_effects);

    public MemberState? StateOf(string address) => Core.Members.SingleOrDefault(view => view.Node.Address == address)?.State;

    private MembershipMessage? AnswerTo(MembershipEffect effect)
    {
        if (effect is not MembershipEffect.SendMessage(var address, var message) || !_answering.TryGetValue(address, out var answering))
        {
            return null;
        }

        var updates = message switch
        {
            MembershipMessage.Ping ping => ping.Updates,
            MembershipMessage.Announcement told => told.Updates,
            _ => [],
        };
        var (node, refutation) = answering;
        foreach (var doubt in updates.Where(update => update.Node == node && update.Kind != UpdateKind.Alive && update.Refutation >= refutation))
        {
            refutation = doubt.Refutation + 1;
        }

        _answering[address] = (node, refutation);
        return message switch
        {
            MembershipMessage.Ping ping => new MembershipMessage.Ack(ping.Token, Record(node, refutation), []),
            MembershipMessage.PingRequest request => new MembershipMessage.Nack(request.Token, Record(node, refutation), []),
            MembershipMessage.Announcement => new MembershipMessage.Announcement(Record(node, refutation), []),
            _ => null,
        };
    }
}
