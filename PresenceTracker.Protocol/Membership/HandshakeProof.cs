using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using PresenceTracker.Protocol.Identity;

namespace PresenceTracker.Protocol.Membership;

/// <summary>
/// How the two nodes of a handshake show each other that they have the token of the cluster. A proof is for one kind of message, one life of its
/// sender and one address that was dialled, so that who overhears it cannot greet as another node or another life of it.
/// </summary>
internal static class HandshakeProof
{
    /// <summary>That of a <see cref="MembershipMessage.Hello"/>; none if there is no token.</summary>
    public static ImmutableArray<byte> OfHello(SharedToken? token, NodeId self, string target) =>
        token is null ? default : token.Prove(Statement("hello", self, target));

    /// <summary>That of a <see cref="MembershipMessage.Welcome"/>; none if there is no token.</summary>
    public static ImmutableArray<byte> OfWelcome(SharedToken? token, NodeId self, string target) =>
        token is null ? default : token.Prove(Statement("welcome", self, target));

    /// <summary>Whether the sender has the token, or neither node has one.</summary>
    public static bool Fits(SharedToken? token, MembershipMessage.Hello hello) =>
        Fits(token, hello.Proof, "hello", hello.Self.Node, hello.Target);

    /// <summary>Whether the sender has the token, or neither node has one.</summary>
    public static bool Fits(SharedToken? token, MembershipMessage.Welcome welcome) =>
        Fits(token, welcome.Proof, "welcome", welcome.Self.Node, welcome.Target);

    private static bool Fits(SharedToken? token, ImmutableArray<byte> proof, string kind, NodeId sender, string target) =>
        token is null ? proof.IsDefaultOrEmpty : !proof.IsDefaultOrEmpty && token.IsProven(Statement(kind, sender, target), proof.AsSpan());

    // Neither the kind nor an address contains a NUL, so that no two statements read alike.
    private static byte[] Statement(string kind, NodeId sender, string target)
    {
        var text = Encoding.UTF8.GetBytes($"{kind}\0{sender.Address}\0{target}\0");
        var statement = new byte[text.Length + (2 * sizeof(ulong))];
        text.CopyTo(statement, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(statement.AsSpan(text.Length), sender.Incarnation.Counter);
        BinaryPrimitives.WriteUInt64LittleEndian(statement.AsSpan(text.Length + sizeof(ulong)), sender.Incarnation.ProcessId);
        return statement;
    }
}
