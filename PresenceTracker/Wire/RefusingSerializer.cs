using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace PresenceTracker.Wire;

/// <summary>
/// Takes the place of serializers that build whatever type the wire names. Akka picks the serializer of an incoming message by the number
/// on the wire among all that are registered, whatever is bound to what: to leave the JSON serializer registered is to let any peer build
/// any object. Registered under the name of each such serializer, it answers for number 1 (JSON) and leaves the other numbers unknown.
/// </summary>
/// <remarks>
/// It has a string manifest so that Akka does not look the named type up, and so load its assembly, before it is refused.
/// </remarks>
public sealed class RefusingSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Akka hands the settings of the serializer that stood here before to whatever stands here.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : this(system) => _ = settings;

    /// <summary>The number of Akka's JSON serializer.</summary>
    public override int Identifier => 1;

    public override string Manifest(object o) => "";

    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj.GetType()} is no message of the presence tracker: nothing else is sent between its nodes");

    public override object FromBinary(byte[] bytes, string manifest) =>
        throw new SerializationException("not a message of the presence tracker: nothing else is accepted from its nodes");
}
