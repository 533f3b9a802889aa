using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Event;
using PresenceTracker.Errors;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Membership;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;
using PresenceTracker.Wire;

namespace PresenceTracker.Actors;

/// <summary>
/// The shell of the lease core: hands it what callers and other nodes ask, and carries out its effects. One of the three actors of a node that
/// other nodes speak to.
/// </summary>
internal sealed class LeaseActor : ReceiveActor, IWithTimers
{
    public const string Name = "leases";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly NodeRuntime _runtime;
    private readonly RemotePeers _peers;
    private readonly ShardCalls _shards;
    private readonly LeaseCore _core;
    private readonly List<LeaseEffect> _effects = [];
    private readonly Dictionary<ulong, TaskCompletionSource<ImmutableArray<TrackResult>>> _asked = [];
    private ulong _lastNumber;

    public LeaseActor(NodeRuntime runtime)
    {
        _runtime = runtime;
        _peers = new RemotePeers((ExtendedActorSystem)Context.System, Name);
        _shards = new ShardCalls(runtime);
        _core = new LeaseCore(Options, runtime.StartedAs.Incarnation.ProcessId);
        Receive<LeaseInput>(Handle);
        Receive<LeaseEnvelope>(envelope =>
        {
            _runtime.Traffic.Of(envelope.From.Address).CountReceived(envelope.Bytes);
            Handle(new LeaseInput.MessageReceived(envelope.From, envelope.Message));
        });
        Receive<Ask>(ask =>
        {
            _asked[++_lastNumber] = ask.Completion;
            Handle(new LeaseInput.Asked(_lastNumber, ask.Holder, ask.Calls));
        });
        Receive<MembershipEffect.NodeUp>(up => Handle(new LeaseInput.PeerUp(up.Node.Node)));
        Receive<MembershipEffect.NodeReturned>(returned => Handle(new LeaseInput.PeerUp(returned.Node.Node)));
        Receive<MembershipEffect.NodeDown>(down => Handle(new LeaseInput.PeerGone(down.Node)));
        Receive<MembershipEffect.NodeRemoved>(removed => Handle(new LeaseInput.PeerGone(removed.Node)));
        Receive<MembershipEffect.NodeRenamed>(renamed =>
        {
            Handle(new LeaseInput.PeerGone(renamed.Old));
            Handle(new LeaseInput.PeerUp(renamed.Node.Node));
        });
        Receive<MembershipEffect>(_ => { });
    }

    public static LeaseOptions Options { get; } = new();

    public ITimerScheduler Timers { get; set; } = null!;

    private void Handle(LeaseInput input)
    {
        _core.Handle(input, new MonotonicTime(Context.System.Scheduler.MonotonicClock.Ticks), _effects);
        foreach (var effect in _effects)
        {
            Carry(effect);
        }

        _effects.Clear();
    }

    private void Carry(LeaseEffect effect)
    {
        switch (effect)
        {
            case LeaseEffect.SendMessage(var to, var message):
                _peers.Tell(
                    to.Address, new LeaseEnvelope(_runtime.Directory.Self, message) { Traffic = _runtime.Traffic.Of(to.Address) });
                break;
            case LeaseEffect.ScheduleTimer(var token, var after):
                Timers.StartSingleTimer(token, new LeaseInput.AnswerOverdue(token), after);
                break;
            case LeaseEffect.Serve(var to, var token, var calls):
                ServeAsync(calls).PipeTo(
                    Self,
                    success: results => new LeaseInput.Served(to, token, [.. results]),
                    failure: fault =>
                    {
                        _log.Warning("What {0} asked about {1} leases is not answered: {2}", to, calls.Length, fault.Message);
                        return new LeaseInput.Served(to, token, default);
                    });
                break;
            case LeaseEffect.Settle settle:
                Settle(settle);
                break;
            case LeaseEffect.ForgetEnds(var ends):
                foreach (var end in ends)
                {
                    _runtime.Shards.Result[StableHash.ShardOf(end.Id.Topic, _runtime.Settings.ShardCount)].Tell(
                        new ReplicationInput.EndedLeaseLives(end));
                }

                break;
            case LeaseEffect.ReportEndsForgotten(var count):
                _runtime.Metrics.LeaseEndsForgotten(count);
                break;
            case LeaseEffect.ReportViolation(var violation, var from):
                _runtime.Metrics.LeaseViolated(violation, from);
                break;
            default:
                throw new InvalidOperationException($"{effect.GetType().Name} is no effect that this shell knows");
        }
    }

    private Task<IReadOnlyList<TrackResult>> ServeAsync(ImmutableArray<LeaseCall> calls) => _shards.TellManyAsync(
        calls, call => call.Id.Topic, (batch, completion) => new ShardCommand.CallLeases(batch, completion), CancellationToken.None);

    private void Settle(LeaseEffect.Settle settle)
    {
        _runtime.Metrics.LeaseForwarded(settle.Outcome);
        _asked.Remove(settle.Number, out var completion);
        if (settle.Outcome != LeaseOutcome.Refused)
        {
            completion!.TrySetResult(settle.Results);
            return;
        }

        var max = Options.OutstandingMax.ToString(CultureInfo.InvariantCulture);
        completion!.TrySetException(new LimitExceededException(
            "lease-requests", $"more than {max} at one time", $"at most {max} that wait for other nodes", option: LimitExceededException.CallLater)
        {
            IsTemporary = true,
        });
    }

    /// <summary>A caller wants this of the node that holds the leases.</summary>
    /// <param name="Completion">Gets the results in the order of the calls, or default if the holder has not answered.</param>
    public sealed record Ask(
        NodeId Holder, ImmutableArray<LeaseCall> Calls, TaskCompletionSource<ImmutableArray<TrackResult>> Completion);
}
