using Akka.Actor;
using Akka.Serialization;

namespace PresenceTracker.Tests.Wire;

/// <summary>Lets a hostile peer name any serializer: Akka asks for the number right after the bytes, on the same thread.</summary>
public sealed class RawSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    [ThreadStatic]
    private static int _number;

    public override int Identifier => _number == 0 ? 9_000 : _number;

    public override string Manifest(object o) => ((RawMessage)o).Manifest;

    public override byte[] ToBinary(object obj)
    {
        var message = (RawMessage)obj;
        _number = message.SerializerId;
        return message.Bytes;
    }

    public override object FromBinary(byte[] bytes, string manifest) => throw new NotSupportedException();
}
