using Akka.Actor;
using Akka.Cluster;
using PresenceTracker.Protocol.Membership;
using static Akka.Cluster.ClusterEvent;

namespace PresenceTracker.AkkaCluster;

/// <summary>
/// Tells the monitor, whose child it is, who may be a peer in the eyes of Akka.Cluster. Translates, and decides nothing: <see cref="ClusterPeers"/>
/// does.
/// </summary>
internal sealed class ClusterPeersActor : ReceiveActor
{
    public const string Name = "cluster-peers";

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ClusterPeers _peers;
    private readonly string _role;

    /// <param name="self">The address of this node.</param>
    /// <param name="role">Which members have a tracker; empty for all.</param>
    public ClusterPeersActor(string self, string role)
    {
        _peers = new ClusterPeers(self);
        _role = role;
        Receive<CurrentClusterState>(state =>
        {
            Tell(new ClusterChange.Snapshot([.. state.Members.Where(IsPeer).Select(Translate)]));
            foreach (var member in state.Unreachable.Where(IsPeer))
            {
                Tell(new ClusterChange.Unreachable(AddressOf(member)));
            }
        });
        Receive<MemberRemoved>(removed =>
        {
            if (HasRole(removed.Member))
            {
                Tell(new ClusterChange.Removed(Translate(removed.Member), HasLeft: removed.PreviousStatus == MemberStatus.Exiting));
            }
        });
        Receive<IMemberEvent>(change =>
        {
            if (IsPeer(change.Member))
            {
                Tell(new ClusterChange.Changed(Translate(change.Member)));
            }
        });
        Receive<UnreachableMember>(unreachable =>
        {
            if (IsPeer(unreachable.Member))
            {
                Tell(new ClusterChange.Unreachable(AddressOf(unreachable.Member)));
            }
        });

        // Akka calls every member removed then, which is no news of them.
        Receive<ClusterShuttingDown>(_ =>
        {
            _cluster.Unsubscribe(Self);
            var self = _cluster.SelfMember;
            Tell(new ClusterChange.Removed(Translate(self), HasLeft: self.Status is MemberStatus.Leaving or MemberStatus.Exiting));
            Become(() => { });
        });
    }

    protected override void PreStart() => _cluster.Subscribe(
        Self, SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(IMemberEvent), typeof(UnreachableMember), typeof(ClusterShuttingDown));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Tell(ClusterChange change)
    {
        foreach (var input in _peers.Handle(change))
        {
            Context.Parent.Tell(input);
        }
    }

    // Who has asked to be let in has not been yet.
    private bool IsPeer(Member member) => HasRole(member) && member.Status is not (MemberStatus.Joining or MemberStatus.Removed);

    private bool HasRole(Member member) => _role.Length == 0 || member.HasRole(_role);

    private static ClusterMember Translate(Member member) => new(
        AddressOf(member), (uint)member.UniqueAddress.Uid, IsLeaving: member.Status is not (MemberStatus.Up or MemberStatus.WeaklyUp));

    private static string AddressOf(Member member) => $"{member.Address.Host}:{member.Address.Port}";
}
