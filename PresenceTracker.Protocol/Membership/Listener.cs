using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Membership;

/// <summary>What each message of the failure detector says of its sender and of others, whatever else it is for.</summary>
internal sealed class Listener(MemberTable members, Greeter greeter, Hearsay hearsay, SelfDefence defence, Letters letters)
{
    /// <summary>Takes up what the sender says.</summary>
    /// <param name="isAnswered">Whether an answer follows in any case, on which everything rides that the sender must know.</param>
    /// <returns>Whether the sender is a member, so that what else it wants counts.</returns>
    public bool Hear(NodeRecord record, ImmutableArray<MemberUpdate> updates, bool isAnswered, MembershipStep step)
    {
        var address = record.Node.Address;
        if (!RecordCheck.AreUpdates(updates))
        {
            step.Report(MembershipViolationKind.MalformedRecord, address, $"{(updates.IsDefault ? 0 : updates.Length)} updates");
            return false;
        }

        if (!IsMember(record, step)) return false;

        defence.Heard(step.Now);
        var hasRefuted = hearsay.Take(updates, address, step);
        if (!isAnswered)
        {
            if (hasRefuted) letters.Announce(address, step);
            else TellDoubt(address, step);
        }

        return true;
    }

    /// <summary>
    /// SWIM §4.2: only the member itself can refute a doubt, by a higher number. Who speaks to us all the same has not heard of it, and is
    /// told.
    /// </summary>
    public void TellDoubt(string address, MembershipStep step)
    {
        if (members.TryGet(address, out var member) && member.State != MemberState.Up) letters.Announce(address, step);
    }

    private bool IsMember(NodeRecord record, MembershipStep step)
    {
        var address = record.Node.Address;
        var claim = members.Judge(record);
        switch (claim)
        {
            case Claim.SameLife or Claim.Renamed:
                members.Admit(record, claim, step);
                return true;
            case Claim.Newcomer or Claim.LaterLife:
                // The handshake comes first: only that shows that both belong to the same cluster, and have its token. Else whoever knows the
                // address of a member could take its place.
                greeter.GreetIfNotJustDone(address, step);
                return false;
            case Claim.EarlierLife or Claim.Removed:
                step.Send(address, members.NoticeFor(address));
                return false;
            case Claim.Outdated:
                return false;
            default:
                throw new InvariantViolationException($"What {record.Node} said was judged {claim}.");
        }
    }
}
