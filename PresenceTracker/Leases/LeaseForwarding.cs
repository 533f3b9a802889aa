using System.Collections.Immutable;
using Akka.Actor;
using PresenceTracker.Actors;
using PresenceTracker.Owners;
using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Leases;
using PresenceTracker.Protocol.Presences;
using PresenceTracker.Protocol.Replication;

namespace PresenceTracker.Leases;

/// <summary>
/// Takes what callers of this node ask of leases to the nodes that hold them, as this node's readers see it. Thread-safe. Costs a look into
/// the topic's view; owners other than leases, nothing.
/// </summary>
internal sealed class LeaseForwarding(NodeRuntime runtime)
{
    /// <summary>What came of an end, where this node and others may have listed presences of one lease.</summary>
    /// <param name="here">What this node made of it.</param>
    /// <param name="elsewhere">As <see cref="EndAsync"/> says.</param>
    public static TrackResult Combine(TrackResult here, TrackStatus? elsewhere) => elsewhere switch
    {
        TrackStatus.Unanswered or TrackStatus.Untracked => new TrackResult(elsewhere.Value, null),
        _ => here,
    };

    /// <returns>Null if this node is to track the presence itself.</returns>
    public async ValueTask<TrackResult?> RenewAsync(TrackRequest request, bool orUpdate, CancellationToken cancellationToken) =>
        HolderOf(request) is null ? null : (await RenewAsync([request], orUpdate, cancellationToken))[0];

    /// <returns>By request; null where this node is to track the presence itself.</returns>
    public async Task<IReadOnlyList<TrackResult?>> RenewAsync(
        IReadOnlyList<TrackRequest> requests, bool orUpdate, CancellationToken cancellationToken)
    {
        var results = new TrackResult?[requests.Count];
        List<(int Index, NodeId Holder, LeaseCall Call)> calls = [];
        for (var index = 0; index < requests.Count; index++)
        {
            if (HolderOf(requests[index]) is { } holder)
            {
                calls.Add((index, holder, RenewalOf(requests[index], orUpdate)));
            }
        }

        await CallAsync(calls, (index, result) => results[index] = result is { Status: TrackStatus.NotTracked } ? null : result, cancellationToken);
        return results;
    }

    /// <summary>Ends leases wherever else they are listed.</summary>
    /// <returns>
    /// By id: unanswered if any node that lists it has not answered, untracked if any has ended it; null if this node's word is all there is.
    /// </returns>
    public async Task<IReadOnlyList<TrackStatus?>> EndAsync(IReadOnlyList<PresenceId> ids, CancellationToken cancellationToken)
    {
        var ends = new TrackStatus?[ids.Count];
        List<(int Index, NodeId Holder, LeaseCall Call)> calls = [];
        for (var index = 0; index < ids.Count; index++)
        {
            if (Owner.LeaseOwner.IsId(ids[index].Owner))
            {
                calls.AddRange(ListedElsewhere(ids[index]).Select(presence => (index, presence.Node, LeaseCall.End(ids[index]))));
            }
        }

        await CallAsync(calls, Note, cancellationToken);
        return ends;

        void Note(int index, TrackResult? result)
        {
            var status = result?.Status ?? TrackStatus.Unanswered;
            if (status == TrackStatus.Unanswered || (status == TrackStatus.Untracked && ends[index] is null))
            {
                ends[index] = status;
            }
        }
    }

    /// <summary>The meta travels only if it is wanted.</summary>
    private static LeaseCall RenewalOf(TrackRequest request, bool orUpdate)
    {
        var lease = (Owner.LeaseOwner)request.Owner;
        return LeaseCall.Renewal(
            new PresenceId(request.Topic, request.Key, lease.Id), lease.Duration, orUpdate ? request.Meta : null);
    }

    /// <summary>The other node that holds the lease; null if this one does, or nobody.</summary>
    private NodeId? HolderOf(TrackRequest request)
    {
        if (request.Owner is not Owner.LeaseOwner)
        {
            return null;
        }

        Presence? newest = null;
        foreach (var presence in runtime.ViewOf(request.Topic).Topic(request.Topic).GetByKey(request.Key))
        {
            if (presence.Owner != request.Owner.Id)
            {
                continue;
            }

            if (IsHere(presence))
            {
                return null;
            }

            newest = newest is null || presence.IsNewerThan(newest) ? presence : newest;
        }

        return newest?.Node;
    }

    private IEnumerable<Presence> ListedElsewhere(PresenceId id) =>
        runtime.ViewOf(id.Topic).Topic(id.Topic).GetByKey(id.Key).Where(presence => presence.Owner == id.Owner && !IsHere(presence));

    private bool IsHere(Presence presence) => presence.Node.Address == runtime.StartedAs.Address;

    /// <summary>Asks all holders at once, and each for one message after the other, so that no holder is flooded.</summary>
    /// <param name="note">Given each call's index and what came of it; null if its holder has not answered.</param>
    private async Task CallAsync(
        List<(int Index, NodeId Holder, LeaseCall Call)> calls, Action<int, TrackResult?> note, CancellationToken cancellationToken)
    {
        if (calls.Count == 0)
        {
            return;
        }

        var byHolder = calls.GroupBy(call => call.Holder).Select(ofHolder => ofHolder.ToList()).ToList();
        var answers = await Task.WhenAll(byHolder.Select(ofHolder =>
            AskAsync(ofHolder[0].Holder, LeaseCore.Split(ofHolder.Select(call => call.Call), LeaseActor.Options), cancellationToken)));
        for (var i = 0; i < byHolder.Count; i++)
        {
            for (var j = 0; j < byHolder[i].Count; j++)
            {
                note(byHolder[i][j].Index, j < answers[i].Count ? answers[i][j] : null);
            }
        }
    }

    /// <returns>The results up to the first message that was not answered: who is silent once is not waited for again.</returns>
    private async Task<List<TrackResult>> AskAsync(
        NodeId holder, IEnumerable<ImmutableArray<LeaseCall>> messages, CancellationToken cancellationToken)
    {
        List<TrackResult> results = [];
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var calls in messages)
        {
            var completion = new TaskCompletionSource<ImmutableArray<TrackResult>>(TaskCreationOptions.RunContinuationsAsynchronously);
            using var end = runtime.WhenStopped(fault => completion.TrySetException(fault));
            runtime.Leases.Tell(new LeaseActor.Ask(holder, calls, completion), ActorRefs.NoSender);
            var answer = await completion.Task.WaitAsync(cancellationToken);
            if (answer.IsDefault)
            {
                break;
            }

            results.AddRange(answer);
        }

        return results;
    }
}
