using System.Collections.Immutable;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// What rides on a message to a member (SWIM §4.1). Lifeguard §IV-C, the buddy system: a member that is suspected is told so by the first
/// message that it gets, however often that was sent already, because nobody can refute it sooner. Deviation: that holds for every message,
/// not for the probe alone, and for a member that is down too, which in the paper nobody speaks to.
/// </summary>
internal sealed class Letters(OwnLife self, MemberTable members, UpdateQueue updates)
{
    public ImmutableArray<MemberUpdate> UpdatesFor(string address) => updates.Take(
        members.TryGet(address, out var member) ? member.Doubt : null, members.LiveNodes);

    /// <summary>As <see cref="UpdatesFor"/>, with the news that a member lives before them.</summary>
    public ImmutableArray<MemberUpdate> UpdatesWith(MemberUpdate news) => updates.Take(news, members.LiveNodes);

    public void Announce(string address, MembershipStep step) =>
        step.Send(address, new MembershipMessage.Announcement(self.Record, UpdatesFor(address)));

    public void AnnounceToAll(MembershipStep step)
    {
        foreach (var member in members.All)
        {
            Announce(member.Address, step);
        }
    }
}
