using System.Collections.Immutable;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Replication;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Leases;

/// <summary>
/// Carries renewals and ends of leases to the nodes that hold them, and has those of other nodes carried out here. Each request is sent once
/// and settled once: by its answer, by the loss of its holder, or by the end of the wait; an answer after that changes nothing. A lease moves
/// only because whoever asked in vain then tracks it itself: see <see cref="PresenceSet.NextTerm"/>.
/// </summary>
/// <param name="firstToken">Different in each life of the process, so that no answer to an earlier one is taken for another.</param>
/// <remarks>Not thread-safe: one actor owns it.</remarks>
public sealed class LeaseCore(LeaseOptions options, ulong firstToken)
{
    private readonly SortedDictionary<string, NodeId> _peers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ulong, OutstandingLeaseRequest> _outstanding = [];
    private readonly SortedDictionary<ulong, RepeatedEnds> _repeated = [];
    private ulong _nextToken = firstToken;
    private int _serving;

    /// <summary>Requests that wait for an answer.</summary>
    public int OutstandingCount => _outstanding.Count + _repeated.Count;

    /// <summary>Cuts many calls into requests of one message each, in their order.</summary>
    public static IEnumerable<ImmutableArray<LeaseCall>> Split(IEnumerable<LeaseCall> calls, LeaseOptions options)
    {
        var part = ImmutableArray.CreateBuilder<LeaseCall>();
        var bytes = 0;
        foreach (var call in calls)
        {
            var more = call.EncodedBytesMax;
            if (part.Count > 0 && (bytes + more > options.MessageBytesMax || part.Count == options.CallsMax))
            {
                yield return part.DrainToImmutable();
                bytes = 0;
            }

            part.Add(call);
            bytes += more;
        }

        if (part.Count > 0)
        {
            yield return part.DrainToImmutable();
        }
    }

    /// <param name="now">Never before that of an earlier call; by the clock of this node's shards.</param>
    public void Handle(LeaseInput input, MonotonicTime now, List<LeaseEffect> effects)
    {
        switch (input)
        {
            case LeaseInput.PeerUp(var peer):
                _peers[peer.Address] = peer;
                break;
            case LeaseInput.PeerGone(var peer):
                Forget(peer, effects);
                break;
            case LeaseInput.Asked asked:
                Ask(asked, effects);
                break;
            case LeaseInput.RepeatEnds(var at, var ends):
                Repeat(at, ends, end => LeaseCall.EndAgain(end.Id, default), isDecisive: false, effects);
                break;
            case LeaseInput.Served served:
                Answer(served, now, effects);
                break;
            case LeaseInput.AnswerOverdue(var token) when _repeated.Remove(token, out var silent):
                Repeat(silent.Holder, silent.Ends, end => LeaseCall.EndAgain(end.Id, default), isDecisive: false, effects);
                break;
            case LeaseInput.AnswerOverdue(var token):
                Settle(token, LeaseOutcome.Unanswered, default, effects);
                break;
            case LeaseInput.MessageReceived(var from, _) when !IsPeer(from):
                effects.Add(new LeaseEffect.ReportViolation(LeaseViolation.NotAPeer, from));
                break;
            case LeaseInput.MessageReceived(var from, LeaseMessage.LeaseRequest request):
                Serve(from, request, effects);
                break;
            case LeaseInput.MessageReceived(var from, LeaseMessage.LeaseAnswer answer):
                TakeAnswer(from, answer, now, effects);
                break;
            default:
                throw new InvariantViolationException($"{input} is no input of the lease core");
        }
    }

    private bool IsPeer(NodeId node) => _peers.TryGetValue(node.Address, out var peer) && peer == node;

    private void Forget(NodeId peer, List<LeaseEffect> effects)
    {
        if (IsPeer(peer))
        {
            _peers.Remove(peer.Address);
        }

        foreach (var (token, _) in _outstanding.Where(request => request.Value.Holder == peer).ToList())
        {
            Settle(token, LeaseOutcome.Unanswered, default, effects);
        }

        foreach (var (token, _) in _repeated.Where(request => request.Value.Holder == peer).ToList())
        {
            _repeated.Remove(token);
        }
    }

    private void Ask(LeaseInput.Asked asked, List<LeaseEffect> effects)
    {
        // By address: while a node goes on under a higher incarnation, readers see its presences under the one before.
        if (!_peers.TryGetValue(asked.Holder.Address, out var holder))
        {
            effects.Add(new LeaseEffect.Settle(asked.Number, LeaseOutcome.Unanswered, default));
        }
        else if (_outstanding.Count >= options.OutstandingMax)
        {
            effects.Add(new LeaseEffect.Settle(asked.Number, LeaseOutcome.Refused, default));
        }
        else
        {
            _outstanding[_nextToken] = new OutstandingLeaseRequest(asked.Number, holder, asked.Calls.Length);
            Request(holder, asked.Calls, effects);
        }
    }

    private void Request(NodeId holder, ImmutableArray<LeaseCall> calls, List<LeaseEffect> effects)
    {
        effects.Add(new LeaseEffect.SendMessage(holder, new LeaseMessage.LeaseRequest(_nextToken, calls)));
        effects.Add(new LeaseEffect.ScheduleTimer(_nextToken, options.AnswerWait));
        _nextToken++;
    }

    /// <summary>
    /// Tells a holder of ends that it could not hear of. First of none that can count, which ends nothing: the answer tells its clock. Then of
    /// those that it still holds, with the time of the end by that clock. One that goes is told when it is back.
    /// </summary>
    private void Repeat(
        NodeId at, ImmutableArray<LeaseEnd> ends, Func<LeaseEnd, LeaseCall> callOf, bool isDecisive, List<LeaseEffect> effects)
    {
        if (!_peers.TryGetValue(at.Address, out var holder))
        {
            return;
        }

        var sent = 0;
        foreach (var calls in Split(ends.Select(callOf), options))
        {
            // A limit of their own: a holder that stays silent must not have callers refused.
            if (_repeated.Count >= options.RepeatedMax)
            {
                effects.Add(new LeaseEffect.ReportEndsForgotten(ends.Length - sent));
                return;
            }

            _repeated[_nextToken] = new RepeatedEnds(holder, ends.Slice(sent, calls.Length), isDecisive);
            Request(holder, calls, effects);
            sent += calls.Length;
        }
    }

    private void Serve(NodeId from, LeaseMessage.LeaseRequest request, List<LeaseEffect> effects)
    {
        if (request.Calls.IsEmpty || request.Calls.Length > options.CallsMax)
        {
            effects.Add(new LeaseEffect.ReportViolation(LeaseViolation.MalformedRequest, from));
        }
        else if (_serving >= options.ServingMax)
        {
            effects.Add(new LeaseEffect.ReportViolation(LeaseViolation.TooManyRequests, from));
        }
        else
        {
            _serving++;
            effects.Add(new LeaseEffect.Serve(from, request.Token, request.Calls));
        }
    }

    private void Answer(LeaseInput.Served served, MonotonicTime now, List<LeaseEffect> effects)
    {
        _serving--;
        if (!served.Results.IsDefault && IsPeer(served.To))
        {
            effects.Add(new LeaseEffect.SendMessage(served.To, new LeaseMessage.LeaseAnswer(served.Token, served.Results, now)));
        }
    }

    private void TakeAnswer(NodeId from, LeaseMessage.LeaseAnswer answer, MonotonicTime now, List<LeaseEffect> effects)
    {
        if (_repeated.TryGetValue(answer.Token, out var repeated))
        {
            TakeAnswer(from, answer, repeated, now, effects);
            return;
        }

        if (!_outstanding.TryGetValue(answer.Token, out var request))
        {
            // It came late: whoever asked has settled it otherwise.
            return;
        }

        if (request.Holder != from || request.CallCount != answer.Results.Length)
        {
            effects.Add(new LeaseEffect.ReportViolation(LeaseViolation.MalformedAnswer, from));
            return;
        }

        Settle(answer.Token, LeaseOutcome.Answered, answer.Results, effects);
    }

    private void TakeAnswer(
        NodeId from, LeaseMessage.LeaseAnswer answer, RepeatedEnds repeated, MonotonicTime now, List<LeaseEffect> effects)
    {
        if (repeated.Holder != from || repeated.Ends.Length != answer.Results.Length)
        {
            effects.Add(new LeaseEffect.ReportViolation(LeaseViolation.MalformedAnswer, from));
            return;
        }

        _repeated.Remove(answer.Token);
        ImmutableArray<LeaseEnd> held =
            [.. repeated.Ends.Zip(answer.Results).Where(entry => entry.Second.Status == TrackStatus.AlreadyTracked).Select(entry => entry.First)];
        if (repeated.IsDecisive && !held.IsEmpty)
        {
            effects.Add(new LeaseEffect.ForgetEnds(held));
        }
        else
        {
            Repeat(from, held, end => LeaseCall.EndAgain(end.Id, AtHolder(end.At, now, answer.Clock)), isDecisive: true, effects);
        }
    }

    /// <summary>
    /// A time of this node by the clock of another, or before it, but never after: as in Cristian's algorithm ("Probabilistic clock
    /// synchronization", 1989) the answer tells that clock, and may have been under way for all of the time since.
    /// </summary>
    /// <param name="clock">What the other clock showed at <paramref name="now"/> or before.</param>
    private static MonotonicTime AtHolder(MonotonicTime time, MonotonicTime now, MonotonicTime clock)
    {
        // No two clocks of computers drift apart by a thousandth.
        var ago = (now - time) * 1.001;
        return ago.Ticks >= clock.Ticks ? default : clock + -ago;
    }

    private void Settle(ulong token, LeaseOutcome outcome, ImmutableArray<TrackResult> results, List<LeaseEffect> effects)
    {
        if (_outstanding.Remove(token, out var request))
        {
            effects.Add(new LeaseEffect.Settle(request.Number, outcome, results));
        }
    }
}
