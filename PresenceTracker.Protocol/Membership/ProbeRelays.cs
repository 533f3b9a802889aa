using PresenceTracker.Protocol.Identity;
using PresenceTracker.Protocol.Time;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// Probes on behalf of others (SWIM §3.1). Lifeguard §IV-A: when 80 % of the time for an answer are over, a helper without one says that it
/// lives itself, so that the asking node can tell a dead target from its own trouble.
/// </summary>
internal sealed class ProbeRelays(MembershipOptions options, OwnLife self, MemberTable members, Letters letters, TokenSource tokens)
{
    private const double NackShare = 0.8;

    // A node probes one member at a time, so the latest request of each is enough.
    private readonly SortedDictionary<string, Relay> _byRequester = new(StringComparer.Ordinal);

    public void OnRequest(MembershipMessage.PingRequest request, MembershipStep step)
    {
        var requester = request.Self.Node.Address;
        var target = request.Target;

        // Only members are probed: nobody shall make this node speak to any address it likes.
        if (!members.TryGet(target.Address, out var member) || member.Node != target)
        {
            Refuse(requester, request.Token, step);
            return;
        }

        var relay = new Relay(tokens.Next(), requester, request.Token, target);
        _byRequester[requester] = relay;
        step.Send(target.Address, new MembershipMessage.Ping(relay.Token, self.Record, letters.UpdatesFor(target.Address)));
        step.Schedule(new MembershipTimer.RelayOverdue(relay.Token), options.Swim.ProbeTimeout * NackShare);
    }

    public void OnAck(MembershipMessage.Ack ack, MembershipStep step)
    {
        if (Find(ack.Token) is not { } relay || ack.Self.Node != relay.Target) return;

        _byRequester.Remove(relay.Requester);
        var news = new MemberUpdate(relay.Target, ack.Self.Refutation, UpdateKind.Alive);
        step.Send(relay.Requester, new MembershipMessage.Ack(relay.Asked, self.Record, letters.UpdatesWith(news)));
    }

    /// <summary>An answer that comes still later is passed on all the same.</summary>
    public void OnOverdue(ulong token, MembershipStep step)
    {
        if (Find(token) is { } relay) Refuse(relay.Requester, relay.Asked, step);
    }

    // Who asked and is no member any more is not answered, and nothing is kept for it. Seldom is anything kept at all.
    private Relay? Find(ulong token)
    {
        foreach (var gone in _byRequester.Keys.Where(requester => !members.Contains(requester)).ToArray())
        {
            _byRequester.Remove(gone);
        }

        return _byRequester.Values.FirstOrDefault(relay => relay.Token == token);
    }

    private void Refuse(string requester, ulong asked, MembershipStep step) =>
        step.Send(requester, new MembershipMessage.Nack(asked, self.Record, letters.UpdatesFor(requester)));

    private sealed record Relay(ulong Token, string Requester, ulong Asked, NodeId Target);
}
