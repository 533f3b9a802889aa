using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>The first messages between two nodes: what must agree does, and each knows which life of the other is the latest.</summary>
internal sealed class Handshake(
    MembershipOptions options,
    OwnLife self,
    MemberTable members,
    AddressBook addresses,
    Greeter greeter,
    SelfDefence defence,
    Listener listener)
{
    // Below the message limit of 64 KB with room for the rest of the welcome.
    private const int WelcomeBytesMax = 56 * 1024;

    // Counter, process id, tags and lengths of one node.
    private const int NodeOverheadBytesMax = 32;

    // Whoever has met nobody has not shown that it fits, however long it has waited for its seeds.
    private bool IsJoiner => !members.HasEverHadOne && greeter.AwaitsAnswer;

    /// <summary>Whether the joiner's settings agree with ours; if not, it is refused.</summary>
    public bool Fits(MembershipMessage.Hello hello, MembershipStep step)
    {
        if (Difference(hello) is not { } difference) return true;

        var (kind, setting, expected, received) = difference;
        var joiner = hello.Self.Node.Address;
        step.Report(kind, joiner, $"{setting} {received} instead of {expected}");
        if (joiner == self.Address || !NodeAddress.IsValid(joiner)) return false;
        if (GivesWayTo(hello.Self.Node))
        {
            // A stranger without the token names whatever address it likes.
            if (kind != MembershipViolationKind.OtherToken) greeter.GreetIfNotJustDone(joiner, step);
        }
        else
        {
            step.Send(joiner, new MembershipMessage.Refused(setting, expected, received));
        }

        return false;
    }

    // Deviation: SWIM §3 lets a joiner broadcast to the group or ask a static coordinator. Here a hello is the introduction itself, and
    // membership is never learnt by hearsay: the joiner greets each member that it is told of, so that no late gossip revives anybody.
    // Whoever greets is greeted in turn, before the answer, which ends the exchange: so each has asked the other since it became a member
    // there, and of any two members of a third node the later one has been told of the other, even if each joined another side of a cut.
    public void OnHello(MembershipMessage.Hello hello, MembershipStep step)
    {
        var joiner = hello.Self.Node;
        var claim = members.Judge(hello.Self);
        if (claim == Claim.Removed)
        {
            step.Send(joiner.Address, members.NoticeFor(joiner.Address));
            return;
        }

        var counterAbove = members.CounterAbove(joiner);
        if (claim is not (Claim.EarlierLife or Claim.Outdated))
        {
            if (addresses.Note(joiner.Address) is not { } contact)
            {
                greeter.ReportFullBook(joiner.Address, step);
                return;
            }

            members.Admit(hello.Self, claim, step);
            if (!contact.IsPending && !HasJustAnswered(contact, claim, step)) greeter.GreetIfNotJustDone(joiner.Address, step);
        }

        var proof = HandshakeProof.OfWelcome(options.Token, self.Node, hello.Target);
        step.Send(joiner.Address, new MembershipMessage.Welcome(self.Record, hello.Target, OthersThan(joiner.Address), counterAbove, proof));
        listener.TellDoubt(joiner.Address, step);
    }

    /// <summary>A hello of this very process: a seed is another spelling of our own address.</summary>
    public void OnOwnHello(MembershipMessage.Hello hello, MembershipStep step)
    {
        if (addresses.TryGet(hello.Target, out var contact)) contact.TurnedOutToBeSelf();
        greeter.ReviewSeeds(step);
    }

    public void OnWelcome(MembershipMessage.Welcome welcome, MembershipStep step)
    {
        var host = welcome.Self.Node;
        if (!addresses.TryGet(welcome.Target, out var contact) || contact.GreetedAt is null)
        {
            step.Report(MembershipViolationKind.UnaskedWelcome, host.Address, $"a welcome for a hello to {welcome.Target}");
            return;
        }

        if (!HandshakeProof.Fits(options.Token, welcome))
        {
            step.Report(MembershipViolationKind.OtherToken, host.Address, $"a welcome whose {SettingName.Token} is {Presence(welcome.Proof)}");
            return;
        }

        if (welcome.KnownCounter >= RecordCheck.CounterMax || !RecordCheck.AreMembers(welcome.Members, options.AddressesMax))
        {
            step.Report(
                MembershipViolationKind.MalformedRecord,
                host.Address,
                $"a welcome with counter {welcome.KnownCounter} and {(welcome.Members.IsDefault ? 0 : welcome.Members.Length)} members");
            return;
        }

        var claim = members.Judge(welcome.Self);
        if (claim is Claim.Removed or Claim.EarlierLife)
        {
            step.Send(host.Address, members.NoticeFor(host.Address));
            return;
        }

        if (claim == Claim.Outdated) return;

        members.Admit(welcome.Self, claim, step);
        if (welcome.KnownCounter >= self.Node.Incarnation.Counter)
        {
            // Not admitted there yet: greet once more, as the later life that we are.
            defence.RaiseCounterAbove(welcome.KnownCounter, step);
            greeter.Greet(contact.Address, step);
        }
        else
        {
            contact.Answered(host.Address);
        }

        GreetNew(welcome.Members, step);
        greeter.ReviewSeeds(step);
        listener.TellDoubt(host.Address, step);
    }

    /// <summary>A joiner stops; a node that has met others has shown that it fits, so it is the other one that does not.</summary>
    public void OnRefused(MembershipMessage.Refused refused, string? from, MembershipStep step)
    {
        if (IsJoiner)
        {
            step.Emit(new MembershipEffect.StopNode(
                new StopCause.SettingDiffers(refused.Setting, refused.Expected, refused.Received, from)));
            return;
        }

        step.Report(
            MembershipViolationKind.RefusedWhileRunning, from, $"{refused.Setting} is {refused.Expected} there and {refused.Received} here");
        if (from is not null && addresses.TryGet(from, out var contact)) addresses.ForgetIfNeverSeen(contact);
    }

    // Of two that each wait for the other alone, the one that started first is the cluster: it refuses us, and we do not refuse it, or a new
    // process with a wrong setting would stop the one that has served for long. It may know of us before we know of it.
    private bool GivesWayTo(NodeId other) => IsJoiner && other.Incarnation < self.Node.Incarnation;

    private (MembershipViolationKind Kind, string Setting, string Expected, string Received)? Difference(MembershipMessage.Hello hello)
    {
        if (hello.ProtocolVersion != MembershipOptions.ProtocolVersion)
        {
            return (MembershipViolationKind.OtherProtocolVersion,
                SettingName.ProtocolVersion,
                MembershipOptions.ProtocolVersion.ToString(CultureInfo.InvariantCulture),
                hello.ProtocolVersion.ToString(CultureInfo.InvariantCulture));
        }

        if (hello.ClusterName != options.ClusterName)
        {
            return (MembershipViolationKind.OtherClusterName, SettingName.ClusterName, options.ClusterName, hello.ClusterName);
        }

        if (!HandshakeProof.Fits(options.Token, hello))
        {
            var isAnother = options.Token is not null && !hello.Proof.IsDefaultOrEmpty;
            var expected = isAnother ? "set to another value" : options.Token is null ? "not set" : "set";
            return (MembershipViolationKind.OtherToken, SettingName.Token, expected, Presence(hello.Proof));
        }

        return hello.ShardCount == options.ShardCount
            ? null
            : (MembershipViolationKind.OtherShardCount,
                SettingName.ShardCount,
                options.ShardCount.ToString(CultureInfo.InvariantCulture),
                hello.ShardCount.ToString(CultureInfo.InvariantCulture));
    }

    private static string Presence(ImmutableArray<byte> proof) => proof.IsDefaultOrEmpty ? "not set" : "set";

    // Then each has asked the other already. Two that greet at different moments would otherwise return each other's greetings for ever.
    private bool HasJustAnswered(Contact contact, Claim claim, MembershipStep step) =>
        claim == Claim.SameLife && contact.GreetedAt is { } greetedAt && step.Now - greetedAt < options.GreetingInterval;

    // A welcome must fit into a message however many members there are. Each host names those that follow itself, so that a joiner which
    // greets them all hears of everyone.
    private ImmutableArray<NodeId> OthersThan(string address)
    {
        var others = members.All.Where(member => member.Address != address).Select(member => member.Node).ToList();
        var following = others.Where(node => string.CompareOrdinal(node.Address, self.Address) > 0);
        var named = ImmutableArray.CreateBuilder<NodeId>();
        var bytes = 0;
        foreach (var node in following.Concat(others.Where(node => string.CompareOrdinal(node.Address, self.Address) < 0)))
        {
            bytes += Encoding.UTF8.GetByteCount(node.Address) + NodeOverheadBytesMax;
            if (bytes > WelcomeBytesMax)
            {
                break;
            }

            named.Add(node);
        }

        return named.ToImmutable();
    }

    private void GreetNew(ImmutableArray<NodeId> named, MembershipStep step)
    {
        foreach (var node in named)
        {
            if (node.Address != self.Address && members.IsNews(node)) greeter.GreetIfNotJustDone(node.Address, step);
        }
    }
}
