using PresenceTracker.Protocol.Membership;
using Xunit;
using static PresenceTracker.Tests.Membership.CoreDriver;

namespace PresenceTracker.Tests.Membership;

/// <summary>A cluster with a token takes in only who has it, and never says what it is.</summary>
public sealed class HandshakeTokenTests
{
    private const string Secret = "a secret of the cluster";

    private static readonly SharedToken Token = new(Secret);
    private static readonly SharedToken Other = new("another secret, as long");

    [Fact]
    public void Two_nodes_with_the_token_become_members_of_each_other()
    {
        var a = StartedWith(Token);
        var b = new CoreDriver(Options(OwnAddress) with { Token = new SharedToken(Secret) }, Node("b:1", 5));
        b.Do(new MembershipInput.Started());

        a.Receive(b.TakeSent<MembershipMessage.Hello>().Message);
        b.Receive(a.TakeSent<MembershipMessage.Welcome>().Message);

        Assert.Equal(MemberState.Up, a.StateOf("b:1"));
        Assert.Equal(MemberState.Up, b.StateOf(OwnAddress));
    }

    [Theory]
    [InlineData(true, false, "set", "not set")]
    [InlineData(false, true, "not set", "set")]
    [InlineData(true, true, "set to another value", "set")]
    public void A_hello_with_another_token_or_without_one_is_refused_in_words_that_do_not_show_it(
        bool isSetHere, bool isSetThere, string expected, string received)
    {
        var a = StartedWith(isSetHere ? Token : null);

        a.Receive(HelloOf("b:1", isSetThere ? Other : null));

        Assert.Equal(new MembershipMessage.Refused("token", expected, received), a.TakeSent<MembershipMessage.Refused>().Message);
        var violation = a.Take<MembershipEffect.ReportViolation>().Violation;
        Assert.Equal(MembershipViolationKind.OtherToken, violation.Kind);
        Assert.DoesNotContain("secret", violation.Detail, StringComparison.Ordinal);
        a.AssertNothingElse();
        Assert.Empty(a.Core.Members);
    }

    [Fact]
    public void A_proof_counts_for_its_sender_its_life_and_what_it_dialled_alone()
    {
        var hello = HelloOf("b:1", Token);
        MembershipMessage.Hello[] borrowed =
        [
            hello with { Self = Record(Node("c:1", 5)) },
            hello with { Self = Record(Node("b:1", 6)) },
            hello with { Self = Record(Node("b:1", 5, processId: 1)) },
            hello with { Target = "a:2" },
            hello with { Proof = [.. hello.Proof.Select(part => (byte)(part + 1))] },
            hello with { Proof = hello.Proof[..16] },
        ];

        foreach (var message in borrowed)
        {
            var a = StartedWith(Token);
            a.Receive(message);
            a.AssertViolation(MembershipViolationKind.OtherToken);
            Assert.Empty(a.Core.Members);
        }
    }

    [Fact]
    public void A_welcome_of_a_node_without_the_token_is_counted_and_changes_nothing()
    {
        var a = StartedWith(Token, "b:1");
        var welcome = Welcome(Node("b:1", 5));

        // The proof of a hello is none of a welcome.
        foreach (var proof in new[] { default, HelloOf("b:1", Other, target: "b:1").Proof, HelloOf("b:1", Token, target: "b:1").Proof })
        {
            a.Receive(welcome with { Proof = proof });
            a.AssertViolation(MembershipViolationKind.OtherToken);
        }

        a.AssertNothingElse();
        Assert.Empty(a.Core.Members);
    }

    [Fact]
    public void Who_knows_the_address_of_a_member_does_not_take_its_place_without_the_token()
    {
        var a = StartedWith(Token);
        a.Receive(HelloOf("b:1", Token));
        a.TakeSent<MembershipMessage.Welcome>();
        a.TakeAllSent<MembershipMessage.Hello>();
        a.TakeEvents();

        a.Receive(new MembershipMessage.Ping(1, Record(Node("b:1", 6, processId: 1)), []));

        Assert.Equal(Node("b:1", 5), Assert.Single(a.Core.Members).Node);
        a.AssertNothingElse();
    }

    [Fact]
    public void A_stranger_without_the_token_does_not_make_a_joiner_greet_what_it_names()
    {
        var a = StartedWith(Token, "c:1");
        a.TakeAllSent<MembershipMessage.Hello>();

        a.Receive(HelloOf("b:1", Other) with { Self = Record(Node("b:1", 0)) });

        a.AssertViolation(MembershipViolationKind.OtherToken);
        a.AssertNothingElse();
    }

    [Fact]
    public void Nothing_that_is_printed_shows_the_token()
    {
        Assert.DoesNotContain("secret", $"{Token} {Options() with { Token = Token }} {HelloOf("b:1", Token)}", StringComparison.Ordinal);
        Assert.DoesNotContain(
            "short", Assert.Throws<ArgumentException>(() => new SharedToken("short")).Message, StringComparison.Ordinal);
    }

    private static CoreDriver StartedWith(SharedToken? token, params string[] seeds) => Started(Options(seeds) with { Token = token });

    private static MembershipMessage.Hello HelloOf(string address, SharedToken? token, string target = OwnAddress)
    {
        var sender = new CoreDriver(Options(target) with { Token = token }, Node(address, 5));
        if (address == target)
        {
            sender = new CoreDriver(Options("x:1") with { Token = token }, Node(address, 5));
        }

        sender.Do(new MembershipInput.Started());
        return sender.TakeSent<MembershipMessage.Hello>().Message;
    }
}
