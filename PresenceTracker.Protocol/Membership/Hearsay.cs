using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What a member tells of others (SWIM §4.1, with the precedence of §4.2).</summary>
internal sealed class Hearsay(
    OwnLife self, MemberTable members, UpdateQueue updates, Suspicions suspicions, Greeter greeter, SelfDefence defence)
{
    /// <summary>Whether this node had to refute one of them.</summary>
    public bool Take(ImmutableArray<MemberUpdate> told, string from, MembershipStep step)
    {
        var hasRefuted = false;
        foreach (var update in told)
        {
            if (update.Node.Address == self.Address)
            {
                hasRefuted |= defence.OnDoubt(update, from, step);
            }
            else
            {
                Take(update, step);
            }
        }

        return hasRefuted;
    }

    private void Take(MemberUpdate update, MembershipStep step)
    {
        if (update.Kind == UpdateKind.Left)
        {
            members.Leave(update.Node, step);
            return;
        }

        switch (members.Judge(new NodeRecord(update.Node, update.Refutation, [])))
        {
            case Claim.SameLife:
                Apply(update, step);
                break;

            // Deviation: SWIM §3.2 takes in by hearsay who joins. Here that is a reason to greet it: only its own word makes it a member, so
            // that no late gossip revives anybody. The next life of a known process is a newcomer in this respect.
            case Claim.Newcomer or Claim.LaterLife or Claim.Renamed when update.Kind != UpdateKind.Down:
                greeter.GreetIfNotJustDone(update.Node.Address, step);
                break;

            // Who speaks of a node that has left has missed that.
            case Claim.Removed when members.LeaveAt(update.Node.Address) is { } leave:
                updates.Add(leave);
                break;
            default:
                break;
        }
    }

    private void Apply(MemberUpdate update, MembershipStep step)
    {
        if (!members.TryGet(update.Node.Address, out var member))
        {
            throw new InvariantViolationException($"{update.Node} was judged a member, and is none.");
        }

        switch (update.Kind)
        {
            case UpdateKind.Alive:
                members.HearAlive(member, update.Refutation, step);
                break;
            case UpdateKind.Suspect:
                suspicions.Hear(member, update.Refutation, update.Accuser!, step);
                break;
            case UpdateKind.Down:
                members.HearDown(member, update.Refutation, step);
                break;
            default:
                throw new InvariantViolationException($"No rule for the update {update}.");
        }
    }
}
