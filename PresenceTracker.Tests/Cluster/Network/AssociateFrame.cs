using System.Buffers.Binary;
using Google.Protobuf;

namespace PresenceTracker.Tests.Cluster.Network;

/// <summary>The first frame of a connection of Akka.Remote, in which the node that dials says at which address it listens itself.</summary>
internal static class AssociateFrame
{
    private const int LengthBytes = sizeof(uint);
    private const int BytesMax = 64 * 1024;

    // AkkaProtocolMessage.instruction, AkkaControlMessage.handshakeInfo, AkkaHandshakeInfo.origin, AddressData.port.
    private static readonly int[] PathToPort = [2, 2, 1, 3];

    /// <returns>The port that the dialling node advertises; null while the frame is not complete.</returns>
    /// <exception cref="InvalidDataException">It is no such frame.</exception>
    public static int? OriginPort(ReadOnlySpan<byte> received)
    {
        if (received.Length < LengthBytes)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(received);
        if (length > BytesMax)
        {
            throw new InvalidDataException($"a frame of {length} bytes begins the connection");
        }

        return received.Length < LengthBytes + length ? null : Read(received.Slice(LengthBytes, (int)length).ToArray(), PathToPort);
    }

    private static int Read(byte[] message, ReadOnlySpan<int> path)
    {
        using var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) != path[0])
            {
                input.SkipLastField();
            }
            else
            {
                return path.Length == 1 ? (int)input.ReadUInt32() : Read(input.ReadBytes().ToByteArray(), path[1..]);
            }
        }

        throw new InvalidDataException("the connection does not begin with a handshake");
    }
}
